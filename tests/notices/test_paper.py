"""How a letter breaks over pages."""

from __future__ import annotations

import io

import pypdf
import pytest

from notices.prints import Page, Press

PAGE = Page("en", "Notice", "SmartPact OÜ", "2026-001", None, "Page {page} of {pages}")
COMPLAINT = "You have the right to complain to the supervisory authority."
SIGNED = "::: closing\nYours sincerely\n\nLiis\n:::\n\n::: invented\nEverything here is invented.\n:::\n"


@pytest.mark.parametrize("lines", range(20, 60))
def test_a_signature_is_never_alone_on_a_page(lines: int) -> None:
    """Some of these lengths end a page just before the signature, and some just before what stands above it."""
    text = "".join(f"Line {number}.\n\n" for number in range(lines)) + f"{COMPLAINT}\n\n{SIGNED}"
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(Press().print_as("pdf", text, PAGE))).pages]
    (signed,) = [page for page in pages if "Yours sincerely" in page]
    assert COMPLAINT in signed
    assert "Everything here is invented." in signed
