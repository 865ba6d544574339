"""The demo looks before it begins whether what it makes will find room."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from playbooks import demo
from playbooks.samples.samples import sample_named

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("short_by", "code"), [(0, 0), (1, 4)])
def test_what_will_not_find_room_is_not_begun(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, short_by: int, code: int
) -> None:
    needed = 1000 * sample_named("smartpact").kilobytes_each * 1000
    looked_at: list[Any] = []

    def disk_usage(folder: Any) -> Usage:
        looked_at.append(folder)
        return Usage(0, 0, needed - short_by)

    monkeypatch.setattr(demo.shutil, "disk_usage", disk_usage)
    result = Programme(tmp_path, capsys).run("demo", "--people", "1000", "--out", str(tmp_path / "not" / "there yet"))
    assert (result.code, looked_at) == (code, [tmp_path])
    assert ("This demo takes about 9 MB" in result.err) == bool(code)
