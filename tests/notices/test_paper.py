"""How a letter breaks over pages."""

from __future__ import annotations

import io
import re
from importlib import resources

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


@pytest.mark.parametrize("lines", range(28, 44))
@pytest.mark.parametrize("questions", [1, 2])
def test_an_answer_above_the_signature_goes_with_it(lines: int, questions: int) -> None:
    asked = "".join(f"Question {number}\n:   answer {number}\n\n" for number in range(questions))
    text = "".join(f"Line {number}.\n\n" for number in range(lines)) + asked + SIGNED
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(Press().print_as("pdf", text, PAGE))).pages]
    (signed,) = [page for page in pages if "Yours sincerely" in page]
    assert f"answer {questions - 1}" in signed
    assert sum(page.count("answer") for page in pages) == questions


@pytest.mark.parametrize("lines", range(28, 44))
def test_a_short_list_above_the_signature_goes_with_it(lines: int) -> None:
    text = "".join(f"Line {number}.\n\n" for number in range(lines)) + f"- first point\n- last point\n\n{SIGNED}"
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(Press().print_as("pdf", text, PAGE))).pages]
    (signed,) = [page for page in pages if "Yours sincerely" in page]
    assert "first point" in signed
    assert "last point" in signed


@pytest.mark.parametrize("lines", range(28, 44))
def test_what_announces_a_list_stands_on_the_page_where_it_begins(lines: int) -> None:
    text = "".join(f"Line {number}.\n\n" for number in range(lines)) + "What we will do next:\n\n- first\n- second\n"
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(Press().print_as("pdf", text, PAGE))).pages]
    (announced,) = [page for page in pages if "What we will do next:" in page]
    assert "first" in announced


def test_nothing_is_smaller_than_ten_point() -> None:
    """Cal. Civ. Code 1798.82(d) asks for that in the letter to people."""
    paper = resources.files("notices.paper")
    on_paper = re.findall(r"size: ([\d.]+)pt", paper.joinpath("letter.typ").read_text("utf-8"))
    in_word = re.findall(r'<w:szC?s? w:val="(\d+)"', paper.joinpath("styles.xml").read_text("utf-8"))
    assert len(on_paper) > 5
    assert min(map(float, on_paper)) >= 10
    assert len(in_word) > 5
    assert min(map(int, in_word)) >= 20  # half points
