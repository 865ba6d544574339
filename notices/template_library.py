"""
Where the letters' texts are (IO): the ones this package ships, and an organisation's own beside its journal.

    templates/<kind>/items.toml                what such a letter must contain
    templates/<kind>/<language>/letter.md.j2   the text
    templates/<kind>/<language>/subject.txt.j2
    templates/<kind>/<language>/about.toml     whom it is for, the fields that differ per person
    phrases/<language>.toml                    the words

A file of the same name in the workspace's `templates/` or `phrases/` is used instead of the shipped one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from incident.datafile import Readable, Section, read_datafile
from incident.errors import OutsideError, UsageError
from incident.record.canonical import canonical, digest_of
from notices.contents import Item, read_items
from notices.lint import Manners, read_manners
from notices.wording import Wording, read_wording

KINDS = ("authority", "people")
_LONGEST_SENTENCE_WORDS = 30


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

    digest: over every file it is made of, phrases included. duty: the law data's id of what it fulfils.
    may_be_open: it may say "not yet known", not for the facts in `strict`.
    """

    kind: str
    language: str
    body: str
    subject: str
    digest: str
    duty: str
    may_be_open: bool
    strict: frozenset[str]
    fields: tuple[PersonField, ...]
    items: tuple[Item, ...]
    wording: Wording


@dataclass(frozen=True)
class Library:
    """own: the workspace's folder with `templates/` and `phrases/`, or None for the shipped texts alone."""

    own: Path | None = None

    def languages(self, kind: str) -> tuple[str, ...]:
        """The languages there is a letter of `kind` in, sorted."""
        shipped = resources.files("notices").joinpath("templates", kind)
        found = {entry.name for entry in shipped.iterdir() if entry.is_dir()} if shipped.is_dir() else set()
        mine = self.own / "templates" / kind if self.own else None
        if mine is not None and mine.is_dir():
            found |= {entry.name for entry in mine.iterdir() if (entry / "letter.md.j2").is_file()}
        return tuple(sorted(found))

    def template(self, kind: str, language: str) -> Template:
        """Raises UsageError for a language there is none in, and for a file that is wrong."""
        if kind not in KINDS:
            raise UsageError(f'There is no letter of the kind "{kind}".', next_step=f"choose {' or '.join(KINDS)}")
        if language not in self.languages(kind):
            raise UsageError(
                f"There is no {kind} letter in the language {language}.",
                state=f"There are: {', '.join(self.languages(kind))}.",
                next_step=f"choose one of these, or write one in WORKSPACE/templates/{kind}/{language}/",
            )
        folder = f"templates/{kind}/{language}"
        names = [f"{folder}/{name}" for name in ("letter.md.j2", "subject.txt.j2", "about.toml")]
        names += [f"templates/{kind}/items.toml", f"phrases/{language}.toml"]
        files = {name: self._read(name) for name in names}
        return _parsed(kind, language, files, folder)

    def manners(self, language: str) -> Manners:
        """The word lists of `language`; a language without any has no list, and the usual longest sentence."""
        name = f"phrases/lint/{language}.toml"
        if (data := self._find(name)) is None:
            return Manners(_LONGEST_SENTENCE_WORDS, ())
        return read_manners(_section(name, data))

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


def _parsed(kind: str, language: str, files: Mapping[str, bytes], folder: str) -> Template:
    about = _section(f"{folder}/about.toml", files[f"{folder}/about.toml"])
    template = Template(
        kind=kind,
        language=language,
        body=_text(files, f"{folder}/letter.md.j2"),
        subject=_text(files, f"{folder}/subject.txt.j2"),
        digest=digest_of(canonical({name: digest_of(data) for name, data in files.items()})),
        duty=about.text("duty"),
        may_be_open=about.flag("may_be_open"),
        strict=frozenset(about.texts("strict")),
        fields=tuple(_field(entry) for entry in about.sections("field")),
        items=read_items(_section(f"templates/{kind}/items.toml", files[f"templates/{kind}/items.toml"])),
        wording=read_wording(
            _section(f"phrases/{language}.toml", files[f"phrases/{language}.toml"]), language=language
        ),
    )
    about.finish()
    return template


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
