"""Every command explains itself with an example, and every example runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from prepared import attempt, copy_of, prepare

from incident.cli import MOUNTS, LazyGroup, main

# Examples that need a state of their own, brought about by these commands first; run by ANN unless another is named.
BEFORE: dict[str, list[list[str]]] = {
    "notice approve": [["notice", "submit", "people-en"]],
    "notice send": [
        ["notice", "submit", "people-en"],
        ["as bob", "notice", "approve", "people-en", "--role", "counsel"],
    ],
    "scope diff": [["scope", "run", "--existing-at", "2026-11-01"]],
}
AS_BOB = {"notice approve"}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command a person can type, with its words."""
    for group in MOUNTS.values():
        for name in group:
            found = LazyGroup().get_command(None, name)
            subcommands = getattr(found, "commands", None)
            if subcommands:
                yield from ((f"{name} {word}", command) for word, command in subcommands.items())
            else:
                yield name, found


COMMANDS = dict(commands())


def examples(name: str) -> list[list[str]]:
    # A form feed ends what Typer shows; the help is the docstring, with lines joined again.
    text = " ".join(str(COMMANDS[name].help or "").split())
    found = re.findall(r"Example: incident (.+?)(?= Example:|$)", text)
    return [shlex.split(line) for line in found]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared") / "workspace")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_and_says_what_the_command_does(name: str) -> None:
    assert examples(name), f"incident {name} --help shows no example"
    assert all(line[: len(name.split())] == name.split() for line in examples(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_runs(name: str, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, argv in enumerate(examples(name)):
        environ = copy_of(prepared, tmp_path / f"workspace-{number}")
        monkeypatch.setenv("SMARTPACT_DATABASE_URL", environ["SMARTPACT_DATABASE_URL"])
        monkeypatch.chdir(tmp_path)
        if name == "organisation init":
            (Path(environ["INCIDENT_WORKSPACE"]) / "organisation.toml").unlink()
        for line in BEFORE.get(name, []):
            actor = line[0].removeprefix("as ") if line[0].startswith("as ") else "ann"
            words = line[1:] if line[0].startswith("as ") else line
            code, screen = attempt(environ, actor, words)
            assert code == 0, screen
        code, screen = attempt(environ, "bob" if name in AS_BOB else "ann", argv)
        # 1: a check has findings in this workspace, or nobody was on the trail then; both are answers.
        answers = {0, 1} if name.endswith("check") or name == "scope run" else {0}
        assert code in answers, f"{shlex.join(argv)} left with {code}: {screen}"


@pytest.mark.parametrize("words", [[], *[name.split() for name in COMMANDS]], ids=" ".join)
def test_help_is_plain_text_with_exit_0(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: incident")
    assert "\x1b" not in shown


@cache
def _options(name: str) -> set[str]:
    return {option for parameter in COMMANDS[name].params for option in getattr(parameter, "opts", [])}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json(name: str) -> None:
    assert "--json" in _options(name)


def test_the_front_page_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"  {name.split()[0]} " in shown for name in COMMANDS)
