"""The folder of .eml files, read back with the standard library's own parser."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import OutsideError
from notices.senders import Batch, Prints, Recipient, fill, for_html
from notices.senders.folder import FolderSender, messages

TEXT = "Tere «name»,\n\nsinu «konto» andmeid nägi keegi. " + "Pikk lõik õunapuudest. " * 30 + "\n.\n\nFrom us\n«name»\n"
HTML = f"<!doctype html>\n<html><body><p>{TEXT}</p></body></html>\n"


def batch(*recipients: Recipient, prints: Prints | None = None, segment: int = 0, attempt: int = 1) -> Batch:
    return Batch(
        letter="people-et",
        version=1,
        digest="sha256:" + "ab12" * 16,
        language="et",
        segment=segment,
        attempt=attempt,
        prints=prints or Prints("Sinu andmed: õnnetus ja mida teha", TEXT, HTML, ("name",)),
        recipients=recipients,
        from_name="SmartPact privacy team",
        from_email="privacy@smartpact.example",
        reply_to="answers@smartpact.example",
        dated=datetime(2026, 11, 21, 1, 5, tzinfo=UTC),
    )


def person(position: int = 0, name: str | None = "Ülle Õun", email: str = "p@mail.example") -> Recipient:
    return Recipient(position, email, name, {"name": name or "customer"})


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    "name",
    [
        "Kaarel O'Neill-Õunapuu",
        'Quote "Q" Kask',
        "Tamm; Jüri, jr.",
        "<b>Siim & Pojad</b>",
        "髙橋 さくら",
        "مريم العلي",
        "Zoë 🎬",
        "Kõrvemäe-Õismäe " * 14 + "Pikk",
        "x" * 70,
        "=?utf-8?q?nasty?=",
        "«name»",
        ".",
        "a=b",
    ],
)
def test_a_name_is_right_in_header_text_and_html(name: str) -> None:
    someone = person(name=name)
    ((_, data),) = messages(batch(someone))
    message = parsed(data)
    assert str(make_header(decode_header(message_from_bytes(data)["To"]))).endswith("<p@mail.example>")
    assert [address.addr_spec for address in message["To"].addresses] == ["p@mail.example"]
    if len(name) < 60:
        assert message["To"].addresses[0].display_name == name
    assert body(message, "plain") == fill(TEXT, {"name": name})
    assert body(message, "html") == fill(HTML, {"name": for_html(name)})
    assert not message.defects


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=300), st.text(max_size=400))
def test_any_name_in_any_text_comes_back_as_it_was(name: str, around: str) -> None:
    clean = around.encode("utf-8", "replace").decode().replace("\r", " ").replace("\x00", " ")
    prints = Prints("s", f"{clean}«name»{clean}\n", "<p>«name»</p>\n", ("name",))
    ((_, data),) = messages(batch(person(name=name), prints=prints))
    part = message_from_bytes(data).get_payload(0)
    assert part.get_payload(decode=True).decode().replace("\r\n", "\n") == fill(prints.text, {"name": name})  # type: ignore[union-attr]  # a part
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    encoded = data.partition(b"quoted-printable\r\n\r\n")[2].partition(b"\r\n--=_")[0]
    assert max(map(len, encoded.split(b"\r\n"))) <= 76


def test_headers_are_those_of_a_letter_and_the_same_each_time() -> None:
    (first,) = [data for _, data in messages(batch(person(42)))]
    (again,) = [data for _, data in messages(batch(person(42), attempt=3))]
    message = parsed(first)
    assert first == again
    assert message["From"] == "SmartPact privacy team <privacy@smartpact.example>"
    assert message["Reply-To"] == "answers@smartpact.example"
    assert message["Subject"] == "Sinu andmed: õnnetus ja mida teha"
    assert message["Date"].datetime == datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
    assert message["Message-ID"] == "<ab12ab12ab12ab12ab12ab12.42@smartpact.example>"
    assert message["Content-Language"] == "et"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_message_ids_differ_from_person_to_person() -> None:
    ids = [parsed(data)["Message-ID"] for _, data in messages(batch(person(1), person(2)))]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    "subject",
    [
        "Security incident of 19 November 2026: your data are affected, and what to do (SmartPact)",
        "Turvaintsident 19. novembril 2026: sinu andmeid vaatas õigusteta isik, ja mida nüüd teha (SmartPact OÜ)",
        "=?utf-8?q?odd?=",
    ],
)
def test_a_subject_of_any_length_comes_back_as_it_was(subject: str) -> None:
    ((_, data),) = messages(batch(person(), prints=Prints(subject, "t", "h")))
    assert parsed(data)["Subject"] == subject
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 140


def test_a_field_in_the_subject_is_filled_in_and_a_quotation_is_left() -> None:
    prints = Prints("«name»: «konto» õnnetus", "t", "h", ("name",))
    ((_, data),) = messages(batch(person(name="Õie"), prints=prints))
    assert parsed(data)["Subject"] == "Õie: «konto» õnnetus"


def test_a_name_cannot_add_a_header() -> None:
    ((_, data),) = messages(batch(person(name="Kadri Bcc: x@mail.example")))
    assert parsed(data)["Bcc"] is None
    assert len(parsed(data)["To"].addresses) == 1


def test_files_are_private_and_named_by_position_not_by_address(tmp_path: Path) -> None:
    outcome = FolderSender(tmp_path / "outbox").hand_over(batch(person(42), person(43), segment=3))
    assert (outcome.outcome, outcome.reference) == ("accepted", "v1/0003")
    folder = tmp_path / "outbox" / "v1" / "0003"
    assert [file.name for file in sorted(folder.iterdir())] == ["people-et-v1-0000042.eml", "people-et-v1-0000043.eml"]
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_handing_over_again_changes_nothing_and_clears_what_a_kill_left(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    leftover = tmp_path / "v1" / ".0000.attempt1"
    leftover.mkdir(parents=True)
    (leftover / "people-et-v1-0000001.eml").write_text("half a let")
    sender.hand_over(batch(person(1), person(2), attempt=2))
    before = {file.name: file.read_bytes() for file in (tmp_path / "v1" / "0000").iterdir()}
    sender.hand_over(batch(person(1), person(2), attempt=3))
    assert {file.name: file.read_bytes() for file in (tmp_path / "v1" / "0000").iterdir()} == before
    assert [folder.name for folder in (tmp_path / "v1").iterdir()] == ["0000"]


def test_another_letters_files_in_the_way_are_left_alone(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    sender.hand_over(batch(person(1)))
    with pytest.raises(OutsideError, match="already holds other files") as error:
        sender.hand_over(replace(batch(person(1), attempt=2), digest="sha256:" + "ff" * 32))
    assert "left as they are" in str(error.value.state)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be written") as error:
        FolderSender(tmp_path / "file").hand_over(batch(person(1)))
    assert "goes on where it stopped" in str(error.value.next_step)
