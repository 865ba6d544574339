"""
Where the letters' texts are (IO): the ones this package ships, and an organisation's own beside its journal.

    templates/<kind>/about.toml                what holds for all its languages (`notices/kinds.py`)
    templates/<kind>/items.toml                what such a letter must contain; may be absent
    templates/<kind>/<language>/letter.md.j2   the text
    templates/<kind>/<language>/subject.txt.j2
    templates/<kind>/<language>/about.toml     the fields that differ per person, the annex's headings; may be absent
    phrases/<language>.toml                    the words

A file of the same name in the workspace's `templates/` or `phrases/` is used instead of the shipped one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from incident.datafile import Readable, Section, read_datafile
from incident.errors import OutsideError, UsageError
from incident.record.canonical import canonical, digest_of
from notices.claims import Sounds, read_sounds
from notices.contents import Item, read_items
from notices.kinds import Kind, read_kind
from notices.lint import Manners, read_manners
from notices.wording import Wording, read_wording

_LONGEST_SENTENCE_WORDS = 30
_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class PersonField:
    """A field that differs per person. source: what of the sealed list. when_missing: what stands there without it."""

    name: str
    source: str
    when_missing: str


@dataclass(frozen=True)
class Template:
    """
    One letter's text before the facts.

    digest: over every file it is made of, phrases included. annex_head: what stands over the annex's columns.
    """

    kind: Kind
    language: str
    body: str
    subject: str
    digest: str
    annex_head: tuple[str, ...]
    fields: tuple[PersonField, ...]
    items: tuple[Item, ...]
    wording: Wording


@dataclass(frozen=True)
class Library:
    """own: the workspace's folder with `templates/` and `phrases/`, or None for the shipped texts alone."""

    own: Path | None = None

    def kinds(self) -> tuple[str, ...]:
        """Every kind there is, shipped or of the organisation's own, sorted."""
        shipped = {entry.name for entry in resources.files("notices").joinpath("templates").iterdir()}
        mine = self.own / "templates" if self.own else None
        own = (
            {entry.name for entry in mine.iterdir() if entry.is_dir()} if mine is not None and mine.is_dir() else set()
        )
        return tuple(sorted(name for name in shipped | own if _FOLDER.fullmatch(name)))

    def kind(self, name: str) -> Kind:
        """Raises UsageError listing the kinds there are for another name, and for a file that is wrong."""
        there = self.kinds()
        if name not in there:
            near = difflib.get_close_matches(name, there, n=1)
            raise UsageError(
                f'There is no letter of the kind "{name}".',
                state=f"There are: {', '.join(there)}.",
                next_step=f"did you mean {near[0]}?" if near else "incident notice draft KIND, one of these",
            )
        file = f"templates/{name}/about.toml"
        return read_kind(_section(file, self._read(file)), name=name)

    def languages(self, kind: str) -> tuple[str, ...]:
        """The languages there is a letter of `kind` in, sorted."""
        shipped = resources.files("notices").joinpath("templates", kind)
        found = {entry.name for entry in shipped.iterdir() if entry.is_dir()} if shipped.is_dir() else set()
        mine = self.own / "templates" / kind if self.own else None
        if mine is not None and mine.is_dir():
            found |= {entry.name for entry in mine.iterdir() if (entry / "letter.md.j2").is_file()}
        return tuple(sorted(found))

    def template(self, kind: str, language: str) -> Template:
        """Raises UsageError for a kind or language there is none in, and for a file that is wrong."""
        about = self.kind(kind)
        if language not in self.languages(kind):
            raise UsageError(
                f"There is no {kind} letter in the language {language}.",
                state=f"There are: {', '.join(self.languages(kind))}.",
                next_step=f"choose one of these, or write one in WORKSPACE/templates/{kind}/{language}/",
            )
        folder = f"templates/{kind}/{language}"
        needed = [f"templates/{kind}/about.toml", f"{folder}/letter.md.j2", f"{folder}/subject.txt.j2"]
        files = {name: self._read(name) for name in (*needed, f"phrases/{language}.toml")}
        for name in (f"templates/{kind}/items.toml", f"{folder}/about.toml"):
            files[name] = self._find(name) or b""
        return _parsed(about, language, files, folder)

    def manners(self, language: str) -> Manners:
        """The word lists of `language`; a language without any has no list, and the usual longest sentence."""
        name = f"phrases/lint/{language}.toml"
        if (data := self._find(name)) is None:
            return Manners(_LONGEST_SENTENCE_WORDS, ())
        return read_manners(_section(name, data))

    def sounds(self, language: str) -> Sounds:
        """The words of `language` that sound like a policy's claim."""
        name = "phrases/claims.toml"
        return read_sounds(_section(name, self._read(name)), language)

    def _read(self, name: str) -> bytes:
        if (data := self._find(name)) is None:
            raise UsageError(f"{name} is missing.", next_step=f"write it beside the journal, as {name}")
        return data

    def _find(self, name: str) -> bytes | None:
        mine = self.own / name if self.own else None
        if mine is not None and mine.is_file():
            try:
                return mine.read_bytes()
            except OSError as error:
                raise OutsideError(
                    f"{mine} cannot be read: {error.strerror}.",
                    state="No letter was changed.",
                    next_step="check the file",
                ) from error
        try:
            return _shipped(name)
        except OSError:
            return None


@cache
def _shipped(name: str) -> bytes:
    return resources.files("notices").joinpath(*name.split("/")).read_bytes()


@dataclass(frozen=True)
class _Bytes(Readable):
    data: bytes

    def read_bytes(self) -> bytes:
        return self.data


def _section(name: str, data: bytes) -> Section:
    return read_datafile(_Bytes(data), name=name)


def _parsed(kind: Kind, language: str, files: Mapping[str, bytes], folder: str) -> Template:
    about = _section(f"{folder}/about.toml", files[f"{folder}/about.toml"])
    _must_agree(about, kind)
    items = f"templates/{kind.id}/items.toml"
    phrases = f"phrases/{language}.toml"
    template = Template(
        kind=kind,
        language=language,
        body=_text(files, f"{folder}/letter.md.j2"),
        subject=_text(files, f"{folder}/subject.txt.j2"),
        digest=digest_of(canonical({name: digest_of(data) for name, data in files.items()})),
        annex_head=about.texts("annex_head"),
        fields=tuple(_field(entry) for entry in about.sections("field")),
        items=read_items(_section(items, files[items])),
        wording=read_wording(_section(phrases, files[phrases]), language=language),
    )
    if len(template.annex_head) != len(kind.annex):
        about.wrong("annex_head", f"must have a heading for each of {len(kind.annex)} columns")
    about.finish()
    return template


def _must_agree(about: Section, kind: Kind) -> None:
    """A language's file of an earlier version says the kind's duty too; it may, where it says the same."""
    here = f"stands in templates/{kind.id}/about.toml for all languages, and says something else there"
    if about.text_or_none("duty") not in {None, kind.duty}:
        about.wrong("duty", here)
    if about.flag("may_be_open", kind.may_be_open) != kind.may_be_open:
        about.wrong("may_be_open", here)
    if not set(about.texts("strict")) <= kind.strict:
        about.wrong("strict", here)


def _field(entry: Section) -> PersonField:
    person_field = PersonField(
        entry.text("name"), entry.choice("from", ("name", "email", "key")), entry.text("when_missing")
    )
    entry.finish()
    return person_field


def _text(files: Mapping[str, Any], name: str) -> str:
    try:
        return str(files[name].decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text.", next_step=f"save {name} as UTF-8") from None
