"""The studio sample in a workspace of its own, with an incident open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from interviewing import Interview, interview_in
from programme import Programme

from playbooks.samples.samples import copy_files, sample_named


@pytest.fixture
def studio(programme: Programme) -> Programme:
    programme.folder.mkdir()
    copy_files(sample_named("smartpact"), programme.folder)
    programme.ok("open", "service credential used by a stranger", "--detected", "20 min ago")
    return programme


@pytest.fixture
def interview(studio: Programme) -> Interview:
    return interview_in(studio)


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[str], Path]:
    """A file of answers with this text."""

    def write(text: str) -> Path:
        file = tmp_path / "answers.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
