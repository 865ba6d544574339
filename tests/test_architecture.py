"""The shape of the house: which way imports go, how long files are, what the front door loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("incident", "notices", "playbooks")
SOURCES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def imported_by(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_package_imports_from_one_above_it(file: Path) -> None:
    package = file.relative_to(ROOT).parts[0]
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    assert not {name for name in imported_by(file) if name.split(".")[0] in above}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_stays_within_one_idea(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 420
    assert file.stem not in {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    # Counted from the first statement: the parameters of a command are its options, and they are many.
    lengths = {node.name: (node.end_lineno or 0) - node.body[0].lineno for node in functions}
    assert not {name: lines for name, lines in lengths.items() if lines > 40}


def test_what_decides_neither_touches_the_world_nor_asks_for_the_time() -> None:
    pure = [
        "incident/moments.py",
        "incident/record/chain.py",
        "incident/record/chronology.py",
        "incident/record/events.py",
        "incident/record/ledger.py",
        "incident/record/timeline.py",
        "incident/guidance.py",
        "incident/show.py",
        "incident/assess/decision.py",
        "incident/assess/enisa.py",
        "incident/assess/memo.py",
        "incident/assess/situation.py",
        "incident/clock/counting.py",
        "incident/clock/duties.py",
        "incident/organisation/contradictions.py",
        "incident/scope/questions.py",
        "incident/scope/sql.py",
        "notices/approval.py",
        "notices/lacking.py",
        "notices/letters.py",
        "notices/outbox.py",
    ]
    for name in pure:
        text = (ROOT / name).read_text(encoding="utf-8")
        for forbidden in ("datetime.now(", "time.time(", "open(", "os.environ", "print(", "random"):
            assert not re.search(rf"(?<![\w.]){re.escape(forbidden)}", text), f"{name} uses {forbidden}"


def test_help_and_version_load_nothing_heavy() -> None:
    heavy = {"sqlalchemy", "alembic", "jinja2", "rich", "babel", "holidays", "sendgrid", "typst", "pypandoc", "notices"}
    for word in ("--help", "--version"):
        program = f"import sys; from incident.cli import main; main([{word!r}]); print(*sys.modules, sep='\\n')"
        loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        assert not heavy & {name.split(".")[0] for name in loaded.splitlines()}


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]


def test_the_lock_names_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in lock
        assert not [
            line for line in lock.splitlines() if "://" in line or "--index-url" in line or "--find-links" in line
        ]
