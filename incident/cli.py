"""
Front door: `main(argv)` -> exit code.

The one place that knows all three packages, and it knows them by dotted name only: a command's module is imported
when that command is called, so `--help` and `open` load nothing they do not need, and no package imports upward.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from incident import __version__
from incident.errors import CheckSaysNo, IncidentError, UsageError
from incident.settings import Settings

# name: (module with a Typer `app`, one line of help), in the order of the work
MOUNTS: dict[str, dict[str, tuple[str, str]]] = {
    "The first hour": {
        "open": ("incident.commands", "Record a breach now; prints every clock that runs."),
        "clock": ("incident.commands", "What is owed to whom, by when, and what is left."),
        "remind": ("incident.clock.remind_commands", "For cron: what has newly come due, once each."),
        "aware": ("incident.commands", "Decide when the organisation became aware, and why."),
        "fact": ("incident.commands", "Record what is known, roughly known, or not knowable."),
        "facts": ("incident.commands", "The facts recorded so far, or those still missing."),
        "ask": ("incident.asking.commands", "The questions that the nearest deadline still needs."),
        "assess": ("notices.assess_commands", "Judge the risk: notify, tell, and why; record who decided."),
        "done": ("incident.commands", "Record that a duty was met outside this program."),
        "preserve": ("incident.clock.evidence_commands", "Record that evidence was put away before it is lost."),
        "note": ("incident.commands", "Write a note into the record; attach a file."),
    },
    "The record": {
        "status": ("incident.commands", "One screen on one incident."),
        "list": ("incident.commands", "All incidents."),
        "timeline": ("incident.commands", "Everything that was recorded, in order."),
        "undo": ("incident.commands", "Take back your own last step; the row stays."),
        "verify": ("incident.commands", "Prove that nothing in the record was changed or removed."),
        "close": ("incident.commands", "Close an incident, with a reason."),
    },
    "What it rests on": {
        "law": ("incident.clock.commands", "The laws: list, show, count one deadline, check, compare."),
        "organisation": ("incident.organisation.commands", "Who you are: the profile that clocks and letters use."),
    },
    "The people and the letters": {
        "scope": ("incident.scope.commands", "Find whose data it was, in your own account database."),
        "notice": ("notices.commands", "Draft, check, approve and send the letters."),
    },
    "Try it": {
        "demo": ("playbooks.commands", "The whole job on an invented company; nothing is sent."),
        "sample": ("playbooks.samples.commands", "Invented companies to try and rehearse on."),
    },
}
_COMMANDS = {name: module for group in MOUNTS.values() for name, (module, _) in group.items()}


class LazyGroup(TyperGroup):
    """Commands by name, each imported when asked for. Its help is plain text and reads aloud."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any | None:
        if cmd_name not in _COMMANDS:
            return None
        found = typer.main.get_command(import_module(_COMMANDS[cmd_name]).app)
        commands: Mapping[str, Any] = getattr(found, "commands", {})
        # A module with verbs of its own ("open") holds them by name; one for a noun ("law") is the group itself.
        if found.name == cmd_name or cmd_name not in commands:
            found.name = cmd_name
            return found
        return commands[cmd_name]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write("Usage: incident [--workspace DIR] [--organisation FILE] COMMAND …\n\n")
        formatter.write("A breach of personal data: record it, see the clocks, find the people, write the letters.\n\n")
        for title, group in MOUNTS.items():
            formatter.write(f"{title}\n")
            for name, (_, line) in group.items():
                formatter.write(f"  {name:<14}{line}\n")
            formatter.write("\n")
        formatter.write('At 3 am:        incident open "token in a public repository"\n')
        formatter.write("To look round:  incident demo\n")
        formatter.write("More on one:    incident COMMAND --help\n")


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"incident {__version__}")
        raise typer.Exit


def _settings(
    ctx: typer.Context,
    workspace: Annotated[Path | None, typer.Option(metavar="DIR", help="Where incidents are kept.")] = None,
    organisation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The profile to use instead, or none for no profile.")
    ] = None,
    incident: Annotated[
        str | None, typer.Option(metavar="ID", help="Which incident; not needed while one is open.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A breach of personal data: record it, see the clocks, find the people, write the letters."""
    ctx.obj = replace(
        ctx.obj,
        workspace=workspace or ctx.obj.workspace,
        organisation=organisation or ctx.obj.organisation,
        incident=incident or ctx.obj.incident,
    )


def _app() -> typer.Typer:
    app = typer.Typer(
        name="incident", cls=LazyGroup, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True
    )
    app.callback()(_settings)
    return app


def main(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    now: Callable[[], datetime] | None = None,
) -> int:
    """
    Run one command and return its exit code (see docs/exit-codes.md). Never raises for what a person or file can cause.

    environ: instead of the process's environment. now: instead of the machine's clock; returns an aware datetime.
    """
    settings = Settings(os.environ if environ is None else environ)
    if now is not None:
        settings = replace(settings, now=now)
    try:
        _check_text(argv)
        command = typer.main.get_command(_app())
        code = command.main(_global_options_first(argv), "incident", standalone_mode=False, obj=settings)
    except IncidentError as error:
        _say(error.lines())
        return error.exit_code
    except CheckSaysNo as answer:
        return answer.exit_code
    except typer.Abort:
        _say(["Stopped. Nothing was recorded by this command."])
        return 130
    except typer.TyperException as error:
        show = getattr(error, "show", None)  # words that were typed wrong know how to show usage and mistake
        show() if show else _say([str(error)])
        return 2
    return code if isinstance(code, int) else 0


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter is no reason to stop
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say(["", "Stopped. What was recorded before stays recorded: incident timeline shows it."])
        code = 130
    except OSError as error:
        _say([f"The result could not be printed: {error.strerror}.", "What the command did is done."])
        code = 4
    sys.exit(code)


GLOBAL_OPTIONS = ("--workspace", "--organisation", "--incident")


def _global_options_first(argv: Sequence[str]) -> list[str]:
    """The global options may stand anywhere; the parser wants them before the command."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in GLOBAL_OPTIONS:
            first += [word, *(value for value in [next(words, None)] if value is not None)]
        elif word.startswith(tuple(f"{option}=" for option in GLOBAL_OPTIONS)):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def _check_text(argv: Sequence[str]) -> None:
    """Refuse words that are no text in the terminal's encoding: they could be recorded in no way anybody reads back."""
    for number, word in enumerate(argv, start=1):
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            raise UsageError(
                f"Word {number} of the command is not text in this terminal's encoding.",
                state="Nothing was recorded.",
                next_step="type it again in UTF-8, or in plain letters",
            ) from None


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)
