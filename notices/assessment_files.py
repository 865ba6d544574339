"""The memo on a judgement of risk as a private file: Markdown or PDF (IO)."""

from __future__ import annotations

import os
from pathlib import Path

from incident.assess.memo import Memo
from incident.errors import OutsideError, RefusedError, UsageError
from incident.workspace import Workspace
from notices.assessment import assessment_markdown
from notices.markdown import one_line
from notices.prints import Page, Press
from notices.template_library import Library

SUFFIXES = (".md", ".pdf")
_LANGUAGE = "en"  # the reasons and rules are written in it


def check_place(file: Path) -> None:
    """Raises UsageError for a suffix that names no form of the memo, RefusedError where the file is there already."""
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{file} does not say which form the memo takes.",
            state="Nothing was recorded or written.",
            next_step=f"end its name in {' or '.join(SUFFIXES)}",
        )
    if file.exists() or file.is_symlink():
        raise _there_already(file, "Nothing was recorded, and it was left as it is.")


def write_assessment(workspace: Workspace, memo: Memo, file: Path) -> None:
    """
    Write the memo, readable by its owner only. Raises RefusedError where the file is there already, OutsideError where
    it cannot be printed or written.
    """
    data = _printed(workspace, memo, file.suffix.lower().lstrip("."))
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise _there_already(file, "It was left as it is.") from None
    except OSError as error:
        raise _not_written(file, error) from error
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise _not_written(file, error) from error


def _printed(workspace: Workspace, memo: Memo, form: str) -> bytes:
    organisation = workspace.organisation
    words = Library(workspace.folder).template("authority", _LANGUAGE).wording
    text = assessment_markdown(
        memo,
        wording=words,
        organisation=organisation.called if organisation else None,
        invented=organisation.invented if organisation else None,
    )
    page = Page(
        language=_LANGUAGE,
        title=one_line(f"Assessment of the risk: {memo.title}"),
        organisation=one_line(organisation.called) if organisation else "",
        reference=one_line(memo.title.partition(":")[0] if memo.of_record else memo.title),
        banner=words.words["exercise"] if memo.exercise else None,
        page=words.words["page"],
    )
    return Press().print_as(form, text, page)


def _there_already(file: Path, state: str) -> RefusedError:
    return RefusedError(f"{file} is there already.", state=state, next_step="choose another name")


def _not_written(file: Path, error: OSError) -> OutsideError:
    return OutsideError(
        f"The memo {file} cannot be written: {error.strerror}.",
        state="What the command recorded stays recorded.",
        next_step="incident assess --out FILE, at another place",
    )
