from __future__ import annotations

import pytest

from notices import markdown
from notices.markdown import Markdown


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("O'Neill-Õunapuu", "O'Neill-Õunapuu"),
        ("a*b_c`d", r"a\*b\_c\`d"),
        ("<script>", r"\<script\>"),
        ("[link](http://x.example)", r"\[link\](http://x.example)"),
        ("a | b", r"a \| b"),
        ("&amp;", r"\&amp;"),
        ("AT&T & Co", "AT&T & Co"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_a_value_is_escaped_where_it_would_be_markup(value: str, written: str) -> None:
    assert markdown.escape(value) == written


@pytest.mark.parametrize("value", ["# x", "- x", "+ x", "> x", ": x", "::: sender", "=== x"])
def test_what_would_begin_a_block_is_escaped_at_its_start(value: str) -> None:
    assert markdown.escape(value).startswith("\\")


def test_an_estonian_date_at_the_start_does_not_begin_a_numbered_list() -> None:
    assert markdown.escape("18. november 2026") == r"18\. november 2026"


@pytest.mark.parametrize("value", ["Mari\r\nBcc: x", "Mari\nTamm", "Mari\x00Tamm", "Mari\u2028Tamm", "Mari\x85Tamm"])
def test_a_name_stays_on_one_line(value: str) -> None:
    shown = markdown.one_line(value)
    assert shown.startswith("Mari ")
    assert all(character.isprintable() for character in shown)


def test_marks_that_would_turn_the_writing_around_are_dropped_and_the_letters_are_kept() -> None:
    assert markdown.one_line("\u202eevil\u202c שרה") == "evil שרה"


def test_plain_text_joined_to_markdown_is_plain_text_again() -> None:
    assert not isinstance(Markdown("**a**") + "b", Markdown)


def test_lines_lose_their_bullets_and_keep_the_dates_they_begin_with() -> None:
    text = "- first\n* second\n\n18. november: third\n2) fourth"
    assert markdown.lines_of(text) == ["first", "second", "18. november: third", "fourth"]


def test_paragraphs_are_parted_by_an_empty_line_and_keep_single_line_ends() -> None:
    assert markdown.paragraphs("one\ntwo\r\n\r\nthree") == "one\\\ntwo\n\nthree"


def test_a_value_that_looks_like_a_field_is_not_filled_a_second_time() -> None:
    values = {"name": "«key»", "key": "k1"}
    assert markdown.fill_text("«name» «key»", values) == "«key» k1"


def test_what_a_reader_sees_has_no_escapes() -> None:
    assert markdown.as_read(markdown.escape("a*b [c] <d> \\e")) == "a*b [c] <d> \\e"
