"""
A folder of .eml files: the rehearsal, and the default. Nobody is reached; any mail program opens the files.

    outbox/v1/0000/people-et-v1-0000042.eml      0000: the segment; 0000042: the position on the sealed list

A batch appears whole or not at all: its files are written into a hidden folder which then takes its name in one
step. The same batch written again is the same bytes, so handing over again after a crash does no harm.
"""

from __future__ import annotations

import binascii
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.charset import Charset
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path

from incident.errors import OutsideError
from incident.record.canonical import Json
from notices.senders import Batch, Outcome, Recipient, fill, for_html, parts_of

_NAME_BYTES = 45  # what fits into one encoded word of 75 characters (RFC 2047 section 2)
_LINE = 75  # quoted-printable lines end at 76 (RFC 2045 section 6.7), one of which a soft break takes


class FolderSender:
    """
    folder: of this letter; made when needed, files 0600, folders 0700.
    elsewhere: the folder is one the person chose with --out, so a rehearsal there is another rehearsal.
    """

    repeatable = True
    real = False
    choices: Mapping[str, Json] = {}

    def __init__(self, folder: Path, *, elsewhere: bool = False) -> None:
        self.folder = folder
        self.name = f"folder {folder}" if elsewhere else "folder"
        self.place = str(folder)

    def hand_over(self, batch: Batch) -> Outcome:
        """Write the batch's messages. Raises OutsideError where the folder cannot be written."""
        place = self.folder / f"v{batch.version}" / f"{batch.segment:04d}"
        # Each attempt has a hidden folder of its own, so that two processes never write into the same one.
        draft = place.parent / f".{place.name}.attempt{batch.attempt}"
        try:
            _write(draft, batch)
            _take_place(draft, place)
            for leftover in place.parent.glob(f".{place.name}.attempt*"):
                shutil.rmtree(leftover, ignore_errors=True)
        except OSError as error:
            raise OutsideError(
                f"The folder {place.parent} cannot be written: {error.strerror}.",
                state="The letters of the batches before this one are there; nothing was sent.",
                next_step="mend the cause, then run the same command again: it goes on where it stopped",
            ) from error
        return Outcome("accepted", reference=f"v{batch.version}/{place.name}")


def messages(batch: Batch) -> Iterator[tuple[Recipient, bytes]]:
    """
    Every recipient's message as RFC 5322 bytes: text and HTML, each in UTF-8 as quoted-printable.

    What all of them share is encoded once; a person costs an address line and the values of the declared fields.
    """
    fields = batch.prints.fields
    varies = bool(parts_of(batch.prints.subject, fields)[1])
    shared = _shared_headers(batch, subject=not varies)
    boundary = f"=_{batch.digest[-24:]}"  # "=_" cannot occur in quoted-printable text (RFC 2045 section 6.7)
    text = _body(batch.prints.text, fields, str)
    page = _body(batch.prints.html, fields, for_html)
    part = "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    begin = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n--{boundary}\r\n{part.format("plain")}'
    middle = f"\r\n--{boundary}\r\n{part.format('html')}"
    end = f"\r\n--{boundary}--\r\n"
    if batch.prints.attachments:
        around = f"=_with{boundary[2:]}"
        begin = f'Content-Type: multipart/mixed; boundary="{around}"\r\n\r\n--{around}\r\n{begin}'
        end += "".join(f"\r\n--{around}\r\n{_attached(*each)}" for each in batch.prints.attachments)
        end += f"\r\n--{around}--\r\n"
    token = batch.digest.removeprefix("sha256:")[:24]
    domain = batch.from_email.rpartition("@")[2]
    for person in batch.recipients:
        own = f"To: {_address(person)}\r\nMessage-ID: <{token}.{person.position}@{domain}>\r\n"
        if varies:
            own += f"Subject: {_subject(fill(batch.prints.subject, person.fields))}\r\n"
        pieces = (shared, own, begin, text(person.fields), middle, page(person.fields), end)
        yield person, "".join(pieces).encode("ascii")


def _attached(name: str, data: bytes) -> str:
    part = EmailMessage(policy=SMTP)
    part.set_content(data, maintype="application", subtype="pdf", filename=name)
    del part["MIME-Version"]
    return part.as_bytes().decode("ascii")


def _shared_headers(batch: Batch, *, subject: bool) -> str:
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((batch.from_name, batch.from_email))
    if batch.reply_to:
        message["Reply-To"] = batch.reply_to
    message["Date"] = format_datetime(batch.dated)
    message["Content-Language"] = batch.language
    message["MIME-Version"] = "1.0"
    shared = message.as_bytes().decode("ascii").removesuffix("\r\n")
    return shared + (f"Subject: {_subject(batch.prints.subject)}\r\n" if subject else "")


def _subject(text: str) -> str:
    # Not EmailMessage's folding: it moves a long subject to the second line, and readers then show a leading space.
    line = " ".join(text.split())
    charset = "us-ascii" if line.isascii() and "=?" not in line else "utf-8"
    return Header(line, charset, header_name="Subject").encode(linesep="\r\n")


def _address(person: Recipient) -> str:
    name = person.name
    if not name:
        return person.email
    if "=?" in name and name.isascii():  # would be read as an encoded word
        return f"{Charset('utf-8').header_encode(name)} <{person.email}>"
    if len(name.encode()) <= _NAME_BYTES:
        return formataddr((name, person.email))
    folded = Header(name, "utf-8", header_name="To").encode(linesep="\r\n")
    return f"{folded}\r\n <{person.email}>"


def _body(text: str, fields: Sequence[str], escape: Callable[[str], str]) -> Callable[[Mapping[str, str]], str]:
    """A function from field values to the encoded body. Each value stands between two soft line breaks."""
    texts, names = parts_of(re.sub(r"\r\n?", "\n", text), fields)
    encoded = [_quoted(piece) for piece in texts]
    soft = [_before_soft_break(piece) + "=\r\n" for piece in encoded[:-1]]
    last = encoded[-1]

    def filled(values: Mapping[str, str]) -> str:
        out: list[str] = []
        for piece, name in zip(soft, names, strict=True):
            out += (piece, _before_soft_break(_quoted(escape(values[name]))), "=\r\n")
        out.append(last)
        return "".join(out)

    return filled


def _quoted(text: str) -> str:
    return binascii.b2a_qp(text.encode(), istext=True).decode("ascii").replace("\n", "\r\n")


def _before_soft_break(encoded: str) -> str:
    """`encoded` with its last line short enough to take one more character."""
    if len(encoded) - (encoded.rfind("\n") + 1) <= _LINE:
        return encoded
    cut = -3 if encoded[-3] == "=" else -1
    return f"{encoded[:cut]}=\r\n{encoded[cut:]}"


def _write(draft: Path, batch: Batch) -> None:
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    stem = f"{draft}/{batch.letter}-v{batch.version}-"
    for person, message in messages(batch):
        handle = os.open(f"{stem}{person.position:07d}.eml", os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        try:
            if os.write(handle, message) != len(message):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(handle)


def _take_place(draft: Path, place: Path) -> None:
    try:
        draft.rename(place)
        return
    except OSError:
        if not place.is_dir():
            raise
    # Another attempt, whose answer was lost, has been here: it must have written the same letters.
    ours, theirs = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in (draft, place))
    if ours != theirs:
        raise OutsideError(
            f"The folder {place} already holds other files than this letter's.",
            state="They were left as they are; nothing was sent.",
            next_step="move them away, or choose another folder with --out DIR",
        )
