"""
What is kept between two runs, so that the second is quick: parsed laws, and the working days of countries.

It is a copy and never the record. It counts only while every file it was made from is the same (name, size and times
of each are noted in it); missing, foreign, spoiled or outdated, it is made anew without a word. It is kept in the
user's cache folder, or in INCIDENT_CACHE (empty: nothing is kept), since the package's own folder is often not ours.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import pickle
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from incident import __version__

_Kept = TypeVar("_Kept")
_OURS = {
    "incident.authorities.registry": {"Authority"},
    "incident.clock.calendars": {"Correction"},
    "incident.clock.conditions": {"Condition"},
    "incident.clock.places": {"Places"},
    "incident.clock.rules": {
        "DutyRule",
        "Exemption",
        "Item",
        "Law",
        "Laws",
        "OrganisationKind",
        "OuterEdge",
        "Period",
        "Source",
        "Version",
        "Way",
    },
    "datetime": {"date", "time"},
}
_WRITABLE_BY_OTHERS = 0o022


def kept(name: str, made_from: Sequence[Path], kind: type[_Kept]) -> _Kept | None:
    """
    What an earlier run kept as `name`; None where that is not there, or no longer holds.

    made_from: every file it depends on, this program's own included; of a folder, the .toml files in it.
    kind: what it is; made of plain values and this program's law values only.
    """
    file, stamp = _file(name, made_from), _stamp_of(made_from)
    found = _read(file, stamp) if file is not None and stamp else None
    return found if isinstance(found, kind) else None


def keep(name: str, made_from: Sequence[Path], value: object) -> None:
    """Keep `value`, made from those files, for later runs; a folder that cannot be written is no fault."""
    file, stamp = _file(name, made_from), _stamp_of(made_from)
    if file is None or not stamp:
        return
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            out.write(b"%s\n%08x\n%s" % (stamp, zlib.crc32(body), body))
        draft.replace(file)


def _read(file: Path, stamp: bytes) -> object:
    """The value kept in `file` with that very stamp; None in every other case."""
    try:
        with file.open("rb") as kept_file:
            about = os.fstat(kept_file.fileno())
            if os.name == "posix" and (about.st_uid != os.geteuid() or about.st_mode & _WRITABLE_BY_OTHERS):
                return None
            said, checksum, body = kept_file.read().split(b"\n", 2)
        if said != stamp or int(checksum, 16) != zlib.crc32(body):
            return None
        return _load(body)
    except (OSError, ValueError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError):
        return None


def _load(body: bytes) -> object:
    """Without the garbage collector, which would look through all of it again and again, and find nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Reader(io.BytesIO(body)).load()
    finally:
        if collecting:
            gc.enable()


class _Reader(pickle.Unpickler):
    """Makes the values named in _OURS and nothing else, so that a cache file can hold no code."""

    def find_class(self, module: str, name: str) -> Any:
        if name not in _OURS.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} has no business in a cache")
        return getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name)


def _stamp_of(made_from: Sequence[Path]) -> bytes:
    """One line that changes with any change of those files; empty where one cannot be looked at."""
    words = [__version__, sys.version, sys.platform]
    try:
        for path in made_from:
            if not path.is_dir():
                words.append(_about(path, str(path)))
                continue
            with os.scandir(path) as entries:
                found = sorted((entry.name, entry.path) for entry in entries if entry.name.endswith(".toml"))
            words += [str(path), *(_about(file, name) for name, file in found)]
    except OSError:
        return b""
    return " ".join(words).replace("\n", " ").encode()


def _about(file: str | os.PathLike[str], name: str) -> str:
    about = os.stat(file)  # noqa: PTH116 - two hundred of them, and a Path each costs more than the call
    # ctime too: no copying or unpacking sets it back, as it may do with mtime.
    return f"{name}:{about.st_size}:{about.st_mtime_ns}:{about.st_ctime_ns}"


def _file(name: str, made_from: Sequence[Path]) -> Path | None:
    """Two installations share a cache folder, and each has files of its own there."""
    chosen = os.environ.get("INCIDENT_CACHE")
    if chosen == "":
        return None
    if chosen is None:
        from platformdirs import user_cache_path

        chosen = str(user_cache_path("incident", appauthor=False))
    return Path(chosen) / f"{name}-{zlib.crc32(' '.join(map(str, made_from)).encode()):08x}"
