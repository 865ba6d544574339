"""The command `demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from incident.errors import CheckSaysNo
from playbooks.demo import Demo, run_demo
from playbooks.samples.samples import PEOPLE, sample_named
from playbooks.telling import Teller

app = shell.group("The whole job on an invented company.")


@app.command()
def demo(
    ctx: typer.Context,
    company: Annotated[str, typer.Option(metavar="NAME", help="One of `incident sample list`.")] = "smartpact",
    people: Annotated[int, typer.Option(metavar="N", help="How many accounts it has; 2 to 46 KB each.")] = PEOPLE,
    out: Annotated[Path, typer.Option(metavar="DIR", help="A folder for all of it; made new each time.")] = Path(
        "demo"
    ),
    as_json: shell.AsJson = False,
) -> None:
    """
    Run the whole main job on an invented company and tell it as it goes. Nothing is sent.

    Example: incident demo --people 1000 --out tour
    """
    told = run_demo(
        sample_named(company),
        folder=out.absolute(),
        people=people,
        now=ctx.obj.now(),
        teller=Teller(sys.stderr if as_json else sys.stdout),
    )
    shell.answer(_lines(told), _document(told), as_json=as_json)
    if not told.score.exact:
        raise CheckSaysNo


def _lines(demo: Demo) -> list[str]:
    workspace = demo.folder / "workspace"
    lines = ["", f"Look round in {demo.folder}:"]
    if demo.specimen:
        lines.append(f"  {demo.specimen.name + '/':<20} one person's letter as .md, .html, .txt, .docx and .pdf")
    lines += [
        f"  {'workspace/':<20} the record, the profile; under workspace/incidents/ the sealed list",
        f"  {'':<20} and, where some were written, the letters and the rehearsed messages",
        f"  {'*.sqlite':<20} the company's account databases; truth.json says who was touched",
        f"And go on with it: incident --workspace {workspace} status",
    ]
    return lines


def _document(demo: Demo) -> dict[str, object]:
    score = demo.score
    return {
        "folder": str(demo.folder),
        "planted": score.planted,
        "found": score.found,
        "uncertain": score.uncertain,
        "precision": score.precision,
        "recall": score.recall,
        "exact": score.exact,
        "specimen": str(demo.specimen) if demo.specimen else None,
    }
