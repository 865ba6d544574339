from __future__ import annotations

from pathlib import Path

import pytest
from programme import Programme


@pytest.fixture
def programme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path / "workspace", capsys)
