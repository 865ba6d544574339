from __future__ import annotations

import html.parser
import io
import re
from collections.abc import Callable

import docx
import pypandoc
import pypdf
import pytest

from incident.errors import OutsideError
from notices.markdown import as_read, escape, fill_markdown, paragraphs
from notices.prints import FORMATS, Page, Press

PAGE = Page("et", "Teade: O'Neill & <Õ>", "SmartPact OÜ", "2026-001", None, "Lk {page}/{pages}")
HOSTILE = [
    "O'Neill-Õunapuu",
    "<script>alert(1)</script>",
    "{{ 7*7 }} {% raw %}",
    "*a* _b_ `c` ~d~ ^e^",
    "a | b \\ c",
    "# not a heading",
    "1. not a list",
    "- not a list",
    "::: sender",
    "&amp; &lt; AT&T",
    "$5 \\$x #let x = 1 @ref <label>",
    "--- ... \"quoted\" 'so'",
    "[x](http://a.example) ![y](z)",
    "שרה בן דוד",
    "Ольга Ёлкина",
    "Zoë Ñandú Łukasz Đorđe",
    "-? -5 + 3 // x /* y */ a...b",
]


class Text(html.parser.HTMLParser):
    """What a browser would show of the body, and the tags it would see."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.tags: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)


def of_html(data: bytes) -> str:
    parser = Text()
    parser.feed(data.decode())
    return "".join(parser.shown)


def of_docx(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def of_pdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


READ: dict[str, Callable[[bytes], str]] = {
    "md": lambda data: as_read(data.decode()),
    "txt": lambda data: data.decode(),
    "html": of_html,
    "docx": of_docx,
    "pdf": of_pdf,
}


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


@pytest.fixture(scope="module")
def printed(press: Press) -> dict[str, str]:
    """Every hostile value in a paragraph, a definition and a table, filled in as a person's name is, in every print."""
    blocks = []
    for place, value in enumerate(HOSTILE):
        blocks.append(f"Row {place} {escape(value)} end")
        blocks.append(f"{escape(value)}\n:   {escape(value)}")
        blocks.append(f"| A | B |\n|:--|--:|\n| {escape(value)} | 1 |")
        blocks.append(paragraphs(value))
    blocks += [fill_markdown("Dear «name»,", {"name": value}) for value in HOSTILE]
    text = "# Letter\n\n" + "\n\n".join(blocks) + "\n"
    return {form: READ[form](data) for form, data in press.prints(text, PAGE).items()}


def squeezed(text: str) -> str:
    """Line breaks and spaces are the layout's; in a PDF a right-to-left name comes out in either order."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_comes_out_literally(form: str, value: str, printed: dict[str, str]) -> None:
    text = squeezed(printed[form])
    forms = {squeezed(value)}
    if form == "pdf" and value.startswith("ש"):
        forms |= {squeezed(value)[::-1], "".join(squeezed(word) for word in reversed(value.split()))}
    assert max(text.count(each) for each in forms) >= 5


@pytest.mark.parametrize("form", ["md", "html", "txt", "docx"])
def test_emoji_come_out_literally_in_every_print_that_brings_no_font(form: str, press: Press) -> None:
    assert "Mari 🎉 👩‍💻 田中!" in READ[form](press.print_as(form, "Mari 🎉 👩‍💻 田中!\n", PAGE))


def test_a_letter_its_font_has_no_shape_for_is_printed_all_the_same(press: Press) -> None:
    reader = pypdf.PdfReader(io.BytesIO(press.print_as("pdf", "# Title\n\nMari 🎉 田中!\n", PAGE)))
    assert "Mari" in reader.pages[0].extract_text()
    assert bool(reader.trailer["/Root"]["/MarkInfo"]["/Marked"])


def test_a_page_of_hostile_values_has_no_tags_of_its_own(press: Press) -> None:
    parser = Text()
    parser.feed(press.print_as("html", "\n\n".join(map(escape, HOSTILE)) + "\n", PAGE).decode())
    assert set(parser.tags) == {"html", "head", "meta", "title", "style", "body", "main", "p"}


def test_raw_html_in_a_template_is_text_as_well(press: Press) -> None:
    page = press.print_as("html", "one <b>two</b>\n\n<script>three</script>\n", PAGE).decode()
    assert "&lt;b&gt;two&lt;/b&gt;" in page
    assert "<script>" not in page


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_text_gives_the_same_bytes(form: str, press: Press) -> None:
    text = "# Title\n\nTerm\n:   Definition\n\n1. step\n"
    assert press.print_as(form, text, PAGE) == Press().print_as(form, text, PAGE)


def test_a_web_page_stands_alone_and_names_its_language(press: Press) -> None:
    page = press.print_as("html", "# Title\n\nText.\n", PAGE).decode()
    assert page.startswith('<!DOCTYPE html>\n<html lang="et">')
    assert "<title>Teade: O'Neill &amp; &lt;Õ&gt;</title>" in page
    assert not re.search(r"(?:src|href)=|url\(|@import", page)


def test_a_word_file_has_title_author_language_and_page_numbers(press: Press) -> None:
    document = docx.Document(io.BytesIO(press.print_as("docx", "::: sender\n**X**\n:::\n\n# Title\n", PAGE)))
    assert document.core_properties.title == PAGE.title
    assert document.core_properties.author == "SmartPact OÜ"
    assert 'w:lang w:bidi="ar-SA" w:eastAsia="en-US" w:val="et"' in document.styles.element.xml
    footer = document.sections[0].footer._element.xml
    assert "NUMPAGES" in footer
    assert "Lk " in footer
    assert [paragraph.style.name for paragraph in document.paragraphs] == ["Sender", "heading 1"] or [
        paragraph.style.name for paragraph in document.paragraphs
    ] == ["Sender", "Heading 1"]


def test_a_pdf_is_tagged_and_names_title_and_language(press: Press) -> None:
    reader = pypdf.PdfReader(io.BytesIO(press.print_as("pdf", "# Title\n\nText.\n", PAGE)))
    assert reader.metadata is not None
    assert reader.metadata.title == PAGE.title
    assert reader.metadata.creation_date is None
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "et"
    assert bool(catalog["/MarkInfo"]["/Marked"])


def test_an_exercise_says_so_on_every_page(press: Press) -> None:
    page = Page("en", "Title", "Company", "2026-001", "EXERCISE", "Page {page} of {pages}")
    text = "# Title\n\n" + "A paragraph of the letter.\n\n" * 80
    sheets = pypdf.PdfReader(io.BytesIO(press.print_as("pdf", text, page))).pages
    assert len(sheets) >= 2
    assert all("EXERCISE" in sheet.extract_text() for sheet in sheets)
    section = docx.Document(io.BytesIO(press.print_as("docx", text, page))).sections[0]
    assert section.different_first_page_header_footer
    for header in (section.header, section.first_page_header):
        assert "EXERCISE" in "".join(paragraph.text for paragraph in header.paragraphs)
    assert "EXERCISE" in of_html(press.print_as("html", text, page))


def test_plain_text_is_wrapped_and_underlines_its_headings(press: Press) -> None:
    text = press.print_as("txt", "# Title\n\n" + "some words here and there " * 20 + "\n", PAGE).decode()
    assert "Title\n=====\n" in text
    assert max(len(line) for line in text.splitlines()) <= 72


def test_what_typst_refuses_is_an_outside_failure_that_says_what_to_do(press: Press) -> None:
    with pytest.raises(OutsideError) as failure:
        press.pdf("#no_such_function()", PAGE)
    assert failure.value.what.startswith("Typst could not print the letter: ")
    assert failure.value.state == "No letter was written."
    assert failure.value.next_step is not None


def test_a_pandoc_that_fails_is_an_outside_failure(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pypandoc, "get_pandoc_path", lambda: "/bin/false")
    with pytest.raises(OutsideError, match="pandoc could not print the letter: it gave no reason"):
        press.print_as("txt", "text\n", PAGE)
    monkeypatch.setattr(pypandoc, "get_pandoc_path", lambda: "/nowhere/pandoc")
    with pytest.raises(OutsideError, match=r"pandoc could not print the letter: .*No such file"):
        press.print_as("txt", "text\n", PAGE)
