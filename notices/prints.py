"""
One Markdown text, five prints (IO): pandoc makes HTML, plain text and Word, pandoc and Typst together make the PDF.

Both programs come inside Python packages. The same text gives the same bytes: no clock, no fonts of the machine.
"""

from __future__ import annotations

import html
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from incident.errors import OutsideError
from notices.markdown import DIALECT
from notices.word import reference_document, with_properties

FORMATS = ("md", "html", "txt", "docx", "pdf")
_COLUMNS = 72
_PATIENCE_SECONDS = 60
_NOTHING = "No letter was written."
_NO_SHAPE = "could not be displayed with font"


@dataclass(frozen=True)
class Page:
    """
    What a print needs beside the text. language: two or three letters. title: as the file's properties show it.

    organisation, reference: in the header of every page after the first. banner: "EXERCISE", on every page, or None.
    page: the words of the footer, with {page} and {pages}.
    """

    language: str
    title: str
    organisation: str
    reference: str
    banner: str | None
    page: str


class Press:
    """
    Prints letters. Keep one for many: its Typst compiler reads the fonts once and remembers what it has laid out.

    Every method raises OutsideError where pandoc or Typst fails.
    """

    def prints(self, text: str, page: Page) -> dict[str, bytes]:
        """All five, by format."""
        return {name: self.print_as(name, text, page) for name in FORMATS}

    def print_as(self, name: str, text: str, page: Page) -> bytes:
        match name:
            case "html":
                return self._html(text, page)
            case "txt":
                return _pandoc(text, "plain", f"--columns={_COLUMNS}")
            case "docx":
                return self._docx(text, page)
            case "pdf":
                return self.pdf(_typst_source([text]), page)
            case _:
                return text.encode()

    def pdf(self, source: str, page: Page) -> bytes:
        """A tagged PDF of Typst text; `page` is the same for everything in it."""
        import typst

        told = {
            "title": page.title,
            "language": page.language,
            "organisation": page.organisation,
            "reference": page.reference,
            "banner": page.banner or "",
            "page": page.page,
        }
        try:
            # PDF/UA-1: tagged, with a language and a title, so that a screen reader can read it aloud.
            return self._compiled(source, told, "ua-1")
        except typst.TypstError as error:
            if _NO_SHAPE not in str(error):
                raise _failed("Typst", str(error)) from error
        # An emoji or a script the font lacks: the standard refuses it, and a letter must not fail over a name. It is
        # tagged all the same, the eye sees a box in its place; `notice check` names it.
        try:
            return self._compiled(source, told, None)
        except typst.TypstError as error:
            raise _failed("Typst", str(error)) from error

    def _compiled(self, source: str, told: dict[str, str], standard: str | None) -> bytes:
        standards = [standard] if standard else []
        return bytes(self._typst.compile(input=source.encode(), format="pdf", sys_inputs=told, pdf_standards=standards))

    def _html(self, text: str, page: Page) -> bytes:
        body = _pandoc(text, "html5", "--wrap=none").decode()
        banner = f'<p class="exercise" role="note">{html.escape(page.banner)}</p>\n' if page.banner else ""
        return (
            f'<!DOCTYPE html>\n<html lang="{html.escape(page.language)}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(page.title, quote=False)}</title>\n<style>\n{_paper('letter.css')}</style>\n</head>\n"
            f"<body>\n<main>\n{body}{banner}</main>\n</body>\n</html>\n"
        ).encode()

    def _docx(self, text: str, page: Page) -> bytes:
        reference = reference_document(
            _pandoc_reference(),
            organisation=page.organisation,
            reference=page.reference,
            banner=page.banner,
            page=page.page,
        )
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "reference.docx"
            file.write_bytes(reference)
            made = _pandoc(text, "docx", f"--reference-doc={file}", f"--metadata=lang:{page.language}")
        return with_properties(made, title=page.title, author=page.organisation)

    @cached_property
    def _typst(self) -> Any:
        import typst

        return typst.Compiler(ignore_system_fonts=True)


def _typst_source(texts: Sequence[str]) -> str:
    bodies = (_pandoc(text, "typst", "--wrap=none").decode() for text in texts)
    return _paper("letter.typ") + "\n#pagebreak()\n".join(bodies)


def _pandoc(text: str, form: str, *options: str) -> bytes:
    with resources.as_file(resources.files("notices.paper").joinpath("letter.lua")) as filter_file:
        return _run(["--from", DIALECT, "--to", form, f"--lua-filter={filter_file}", *options], text.encode())


@cache
def _pandoc_reference() -> bytes:
    return _run(["--print-default-data-file=reference.docx"], b"")


def _run(options: Sequence[str], data: bytes) -> bytes:
    import pypandoc

    try:
        # SOURCE_DATE_EPOCH: Word files carry a date of making, which must not make two prints of one text differ.
        done = subprocess.run(  # noqa: S603 - our own options; the text goes in by stdin
            [pypandoc.get_pandoc_path(), "--sandbox", *options, "--output=-"],
            input=data,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            env={**os.environ, "SOURCE_DATE_EPOCH": "315532800", "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed("pandoc", str(error)) from error
    if done.returncode != 0:
        raise _failed("pandoc", done.stderr.decode(errors="replace").strip())
    return done.stdout


def _failed(program: str, why: str) -> OutsideError:
    first = why.splitlines()[0] if why else "it gave no reason"
    return OutsideError(
        f"{program} could not print the letter: {first}",
        state=_NOTHING,
        next_step="run the same command again; if it fails again, reinstall breach-incident-toolkit",
    )


@cache
def _paper(name: str) -> str:
    return resources.files("notices.paper").joinpath(name).read_text(encoding="utf-8")
