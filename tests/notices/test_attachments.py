"""What the letter to the authority says it attaches is attached, and is what somebody approved."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from programme import Programme

FOLLOWS = "None. The text of the communication to the people concerned follows once there is one."


def letters(programme: Programme) -> Path:
    return programme.folder / "incidents" / "2026-001" / "letters"


def approve(programme: Programme, *names: str) -> None:
    for name in names:
        programme.ok("notice", "approve", name, "--role", "legal", actor="dana")


def shown(programme: Programme) -> str:
    programme.ok("notice", "draft", "authority")
    return programme.ok("notice", "show", "authority-en", "--print", "md").out


def test_only_approved_letters_are_listed(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    assert FOLLOWS in shown(opened)
    approve(opened, "people-et")
    assert "- Text of the communication to the people concerned (Estonian)" in shown(opened)
    assert [file.name for file in (letters(opened) / "authority-en" / "v2").glob("attachment-*")] == [
        "attachment-people-et-v1.pdf"
    ]


def test_a_letter_that_is_no_longer_what_was_approved_is_not_attached(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    approve(opened, "people-en", "people-et")
    (letters(opened) / "people-en" / "v1" / "letter.pdf").write_bytes(b"other")
    assert "(Estonian)" in shown(opened)
    opened.ok("fact", "measures_taken@et", "Midagi muud.")
    assert FOLLOWS in shown(opened)


def test_the_message_carries_the_approved_pdf_byte_for_byte(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    approve(opened, "people-en", "people-et")
    shown(opened)
    approve(opened, "authority-en")
    opened.ok("notice", "send", "authority-en")
    (file,) = letters(opened).rglob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    attached = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert attached == {
        f"people-{language}-v1.pdf": (letters(opened) / f"people-{language}" / "v1" / "letter.pdf").read_bytes()
        for language in ("en", "et")
    }
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == (
        letters(opened) / "authority-en" / "v1" / "letter.txt"
    ).read_text("utf-8")
    assert message.defects == []


def test_an_attachment_is_sealed_with_the_letter(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    approve(opened, "people-en")
    shown(opened)
    approve(opened, "authority-en")
    (letters(opened) / "authority-en" / "v1" / "attachment-people-en-v1.pdf").write_bytes(b"other")
    result = opened.run("notice", "send", "authority-en")
    assert result.code == 3
    assert "attachment-people-en-v1.pdf was changed after the letter was sealed." in result.err


def test_a_letter_whose_attachment_is_superseded_is_stale(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    approve(opened, "people-en")
    shown(opened)
    opened.ok("notice", "draft", "people", "--language", "en")
    result = opened.run("notice", "check", "authority-en")
    assert result.code == 1
    assert "The attached people-en version 1 is superseded now." in result.out


def test_export_writes_the_attachment_too(opened: Programme, tmp_path: Path) -> None:
    opened.ok("notice", "draft", "people")
    approve(opened, "people-en")
    shown(opened)
    files = opened.json("notice", "export", "authority-en", "--out", str(tmp_path / "out"))["files"]
    assert Path(files[-1]).name == "authority-en-v1-draft-attachment-people-en-v1.pdf"
    assert Path(files[-1]).read_bytes() == (letters(opened) / "people-en" / "v1" / "letter.pdf").read_bytes()
