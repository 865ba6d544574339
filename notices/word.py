"""
The reference document that pandoc dresses the Word print with: A4, our styles, header and page numbers.

It is put together from pandoc's own, since a binary file in a source tree cannot be read or compared.
"""

from __future__ import annotations

import io
import re
import zipfile
from importlib import resources
from xml.sax.saxutils import escape

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = {"rIdHead": "header", "rIdFirst": "header", "rIdFoot": "footer"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip file can hold
# A4 in twentieths of a point. The first page has a letterhead of its own, so its header is another one.
_PAGE = (
    f'<w:sectPr xmlns:r="{_R}">'
    '<w:headerReference w:type="default" r:id="rIdHead"/><w:headerReference w:type="first" r:id="rIdFirst"/>'
    '<w:footerReference w:type="default" r:id="rIdFoot"/><w:footerReference w:type="first" r:id="rIdFoot"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1418" w:right="1361" w:bottom="1361" w:left="1475" w:header="680" w:footer="624" w:gutter="0"/>'
    "<w:titlePg/></w:sectPr>"
)


def reference_document(base: bytes, *, organisation: str, reference: str, banner: str | None, page: str) -> bytes:
    """
    A Word file to give to pandoc as --reference-doc. The same arguments give the same bytes.

    base: pandoc's own reference.docx. page: the words of the footer, with {page} and {pages}.
    """
    warned = f'<w:p><w:pPr><w:pStyle w:val="HeaderExercise"/></w:pPr>{_run(banner)}</w:p>' if banner else ""
    running = (
        f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{_run(organisation)}<w:r><w:tab/></w:r>{_run(reference)}</w:p>'
    )
    first = warned or '<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr></w:p>'
    footer = f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{_page_numbers(page)}</w:p>'
    added = {
        "word/rIdHead.xml": f"<w:hdr {_W}>{warned}{running}</w:hdr>",
        "word/rIdFirst.xml": f"<w:hdr {_W}>{first}</w:hdr>",
        "word/rIdFoot.xml": f"<w:ftr {_W}>{footer}</w:ftr>",
        "word/styles.xml": resources.files("notices.paper").joinpath("styles.xml").read_text(encoding="utf-8"),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in added:
                _write(new, entry.filename, _changed(entry.filename, old.read(entry).decode("utf-8")))
        for name, text in added.items():
            _write(new, name, text)
    return out.getvalue()


def with_properties(document: bytes, *, title: str, author: str) -> bytes:
    """`document` with its title and author filled in; pandoc would print a title a second time, in the text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            text = old.read(entry).decode("utf-8")
            if entry.filename == "docProps/core.xml":
                text = text.replace("<dc:title></dc:title>", f"<dc:title>{escape(title)}</dc:title>")
                text = text.replace("<dc:creator></dc:creator>", f"<dc:creator>{escape(author)}</dc:creator>")
            _write(new, entry.filename, text)
    return out.getvalue()


def _changed(name: str, text: str) -> str:
    if name == "[Content_Types].xml":
        types = (
            f'<Override PartName="/word/{key}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for key, kind in _PARTS.items()
        )
        return text.replace("</Types>", "".join(types) + "</Types>")
    if name == "word/_rels/document.xml.rels":
        links = (f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{key}.xml"/>' for key, kind in _PARTS.items())
        return text.replace("</Relationships>", "".join(links) + "</Relationships>")
    if name == "word/document.xml":
        bare = re.sub(r"<w:sectPr\b.*?</w:sectPr>|<w:sectPr\s*/>", "", text, flags=re.DOTALL)
        return bare.replace("</w:body>", _PAGE + "</w:body>")
    return text


def _page_numbers(words: str) -> str:
    parts = re.split(r"(\{pages?\})", words)
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    return "".join(
        f'<w:fldSimple w:instr=" {fields[part]} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        if part in fields
        else _run(part)
        for part in parts
        if part
    )


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _write(file: zipfile.ZipFile, name: str, text: str) -> None:
    file.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
