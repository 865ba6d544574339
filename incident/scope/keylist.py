"""A list of accounts in a file: their keys, or their e-mail addresses, one a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from incident.errors import UsageError

_LIMIT = 900_000_000  # bytes; a parameter of PostgreSQL ends at 1 GB


@dataclass(frozen=True)
class KeyList:
    """
    What was in the file. The journal keeps digest and count; `text` holds one entry a line, none twice.

    are: "ids" or "addresses"; addresses as they are compared, with small ASCII letters.
    """

    are: str
    digest: str
    count: int
    text: str

    @property
    def entries(self) -> list[str]:
        """One text each; `splitlines` would also cut at characters that a key may have."""
        return self.text.split("\n") if self.text else []

    def of_store(self, name: str) -> KeyList:
        """Of keys written `store/key`, those of this store, as the store itself writes them; the digest stays."""
        own = [entry.removeprefix(f"{name}/") for entry in self.entries if entry.startswith(f"{name}/")]
        return replace(self, count=len(own), text="\n".join(own))


def read_keylist(file: Path, are: str) -> KeyList:
    """Blank lines and repetitions do not count. Raises UsageError where `file` cannot be read or holds no list."""
    what = "key" if are == "ids" else "address"
    try:
        if file.stat().st_size > _LIMIT:
            raise UsageError(f"{file} is larger than 900 MB.", next_step="split it, and run one scope for each part")
        with file.open(encoding="utf-8-sig") as lines:
            spelt = str if are == "ids" else _address
            found = dict.fromkeys(entry for line in lines if (entry := spelt(line.strip())))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", next_step="check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text.", next_step=f"save it as text, one {what} a line") from None
    text = "\n".join(found)
    if not found or "\0" in text:
        raise UsageError(f"{file} holds no list.", next_step=f"write one {what} a line")
    return KeyList(are, f"sha256:{sha256(text.encode()).hexdigest()}", len(found), text)


def _address(line: str) -> str:
    """An address without what mail programs write round it: <…>, "…", mailto:."""
    bare = line.strip("<>\"' ,;")
    return small_letters(bare[7:] if bare.lower().startswith("mailto:") else bare)


def small_letters(address: str) -> str:
    """ASCII letters small and no others, as every database compares them here."""
    return address.encode().lower().decode()
