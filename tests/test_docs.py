"""The documentation is run: every `sh` block of a page, in order, as one script in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAY_SAY_NO = "# exit 1"  # a check whose findings the page wants to show


def script_of(page: Path) -> list[str]:
    """The page's commands, those of make left out: they are what runs this test."""
    lines = "".join(BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not re.match(r"(make|git|pip) ", line)]


@pytest.mark.parametrize("page", [page for page in PAGES if script_of(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_run_in_an_empty_folder(page: Path, tmp_path: Path) -> None:
    lines = [f"{line} || [ $? -eq 1 ]" if MAY_SAY_NO in line else line for line in script_of(page)]
    lines = [re.sub(rf"\s*{MAY_SAY_NO}[^|]*", " ", line) for line in lines]
    program = Path(sys.executable).parent
    result = subprocess.run(
        ["/bin/sh", "-e"],
        input="\n".join(lines),
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": f"{program}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, f"{result.stdout[-2000:]}\n{result.stderr}"
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_make_target_the_pages_name_exists() -> None:
    named = {word for page in PAGES for word in re.findall(r"`?make ([a-z]+)", page.read_text(encoding="utf-8"))}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named & {"demo", "test", "lint", "bench", "lock", "format"} <= targets


def test_every_documented_path_of_the_source_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:incident|notices|playbooks|tests)/[\w/.-]+)`", text):
        assert (ROOT / path).exists(), path
