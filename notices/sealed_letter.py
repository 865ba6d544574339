"""
The approved letter as it lies on disk, read for sending: what goes into a message is what was just compared.

Cheap, so that it is done again before every batch. What a letter rests on (facts, template, profile) is
`notices/seal.py`'s to check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from incident.record.canonical import canonical, digest_of
from notices.recipients import Field
from notices.seal import ATTACHMENT, MANIFEST
from notices.senders import Prints


@dataclass(frozen=True)
class SealedLetter:
    """prints: of files whose bytes are those of the approval. fields: declared per-person fields, by name."""

    prints: Prints
    fields: dict[str, Field]


class Unsealed(Exception):  # noqa: N818 - an answer: these files are no longer what was approved
    """differences: one sentence each."""

    def __init__(self, *differences: str) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences


def read_sealed_letter(folder: Path, digest: str) -> SealedLetter:
    """
    The letter in `folder`, every file compared with the manifest and the manifest with `digest`, "sha256:…".

    Raises Unsealed naming each difference.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        same = digest_of(canonical(manifest)) == digest
    except (OSError, ValueError):
        raise Unsealed(f"{MANIFEST} is missing or cannot be read.") from None
    if not same:
        raise Unsealed(f"{MANIFEST} is not the one that was sealed.")
    contents = {name: _content(folder / name) for name in manifest["files"]}
    changed = [
        f"{name} is missing." if contents[name] is None else f"{name} was changed after the letter was sealed."
        for name, expected in manifest["files"].items()
        if contents[name] is None or digest_of(contents[name] or b"") != expected
    ]
    if changed:
        raise Unsealed(*changed)
    fields = {name: Field(field["from"], field["when_missing"]) for name, field in manifest["fields"].items()}
    texts = {name: (contents[name] or b"").decode() for name in ("subject.txt", "letter.txt", "letter.html")}
    subject = " ".join(texts["subject.txt"].split())
    attachments = tuple(
        (name.removeprefix(ATTACHMENT), data or b"")
        for name, data in sorted(contents.items())
        if name.startswith(ATTACHMENT)
    )
    prints = Prints(subject, texts["letter.txt"], texts["letter.html"], tuple(fields), attachments)
    return SealedLetter(prints, fields)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
