"""The demo looks before it begins whether what it makes will find room."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from incident.errors import OutsideError
from playbooks import demo
from playbooks.demo import BYTES_A_PERSON, check_room

Usage = namedtuple("Usage", "total used free")


def test_what_will_not_find_room_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Any] = []

    def disk_usage(folder: Any) -> Usage:
        looked_at.append(folder)
        return Usage(0, 0, 1_000_000 * BYTES_A_PERSON)

    monkeypatch.setattr(demo.shutil, "disk_usage", disk_usage)
    check_room(tmp_path / "not" / "there yet", 1_000_000)
    assert looked_at == [tmp_path]
    with pytest.raises(OutsideError, match=r"1,000,001 people takes about 10\.0 GB, and .* has 10\.0 GB free"):
        check_room(tmp_path, 1_000_001)
