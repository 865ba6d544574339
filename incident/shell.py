"""What every command shares: the workspace it works in, and how it prints."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from incident.workspace import Workspace, open_workspace

IncidentId = Annotated[str | None, typer.Argument(metavar="[ID]", help="The incident; not needed while one is open.")]
IncidentOption = Annotated[
    str | None, typer.Option("--incident", metavar="ID", help="The incident; not needed while one is open.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Because = Annotated[str | None, typer.Option("--because", metavar="TEXT", help="Why; kept in the record.")]


def group(help_text: str) -> typer.Typer:
    """A Typer app whose help is plain text, as everywhere here."""
    return typer.Typer(help=help_text, rich_markup_mode=None, no_args_is_help=True, add_completion=False)


@contextmanager
def workspace_of(ctx: typer.Context) -> Iterator[Workspace]:
    """The workspace the command line chose, closed at the end."""
    workspace = open_workspace(ctx.obj)
    try:
        yield workspace
    finally:
        workspace.close()


def answer(lines: Sequence[str], document: Any, *, as_json: bool) -> None:
    """
    Print a command's result on stdout: `lines` for people, or `document` as one JSON document.

    A reader that has seen enough (`| head`) is no failure. Control characters, which could drive a terminal, are shown
    as marks.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(map(_harmless, lines))
    try:
        sys.stdout.write(text + "\n" if text or as_json else "")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _harmless(line: str) -> str:
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) != "Cc" else "\N{REPLACEMENT CHARACTER}" for char in line
    )


def say(line: str) -> None:
    """A message or progress, on stderr."""
    typer.echo(line, err=True)
