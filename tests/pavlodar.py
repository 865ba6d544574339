"""
A sole trader's breach whose people live in Russia (10), Kazakhstan (5), Germany (3) and nobody knows where (2).

The workspace has the profile, the facts and a sealed list of the 20 accounts; no letter yet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from happened import append
from programme import Programme
from ready_to_send import Row

from incident.record.events import FactStated, ScopeSealed
from incident.scope.sealed import SEGMENT, Sealer

FILES = Path(__file__).parent / "notices"
COUNTRIES = ["RU"] * 10 + ["KZ"] * 5 + ["DE"] * 3 + [None, "unknown"]


def facts() -> dict[str, Any]:
    """The facts by their ledger names, as stored."""
    known: dict[str, Any] = tomllib.loads((FILES / "facts_pavlodar.toml").read_text(encoding="utf-8"))["facts"]
    return known


def rows(number: int) -> list[Row]:
    """Accounts that all have a name and an address."""
    return [(f"person{at}@mail.example", f"Person {at}", "ru") for at in range(number)]


def opened(
    programme: Programme, texts: Mapping[str, Any] | None = None, *, languages: str = '"en", "de"', **other: Any
) -> Programme:
    """
    Open the incident in an empty workspace.

    languages: of the profile, as TOML. texts, other: facts that differ; None for one that nobody has stated.
    """
    programme.folder.mkdir(parents=True, exist_ok=True)
    profile = (FILES / "pavlodar.toml").read_text(encoding="utf-8").replace('"en", "de"', languages)
    (programme.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    programme.ok("open", "key in a public repository")
    programme.ok("aware", "2026-11-18T07:30Z", "--because", "the log shows that accounts were read")
    known = {name: value for name, value in {**facts(), **(texts or {}), **other}.items() if value is not None}
    append(programme, *map(_stated, known.items()))
    return programme


def _stated(fact: tuple[str, Any]) -> FactStated:
    name, value = fact
    return value if isinstance(value, FactStated) else FactStated(name, value, "exact")


def text_of(programme: Programme, kind: str, language: str = "ru") -> str:
    """The Markdown of a letter of `kind`, drafted now."""
    programme.ok("notice", "draft", kind, "--language", language)
    return programme.ok("notice", "show", f"{kind}-{language}", "--print", "md").out


def seal(
    programme: Programme, people: list[Row], countries: list[str | None], *, scope: str = "s1", segment: int = SEGMENT
) -> None:
    """A sealed list of `people`, each of whom lives in the country at the same place; it is the one in force."""
    folder = programme.folder / "incidents" / "2026-001" / "scopes"
    full = [
        (f"{at:07d}", email, name, locale, country, *[None] * 4)
        for at, ((email, name, locale), country) in enumerate(zip(people, countries, strict=True))
    ]
    with Sealer(folder) as sealer:
        for start in range(0, len(full), segment):
            sealer.add(full[start : start + segment])
        seal = sealer.finish()
        sealer.name(folder / f"{scope}.jsonl")
        sealer.keep()
    counts = {"accounts": seal.accounts, "people": seal.accounts, "segments": seal.segments}
    append(
        programme,
        ScopeSealed(
            scope=scope,
            question={"everyone": True},
            digest=seal.digest,
            counts=counts,
            by_country={},
            by_locale={},
            by_category={},
            statement="SELECT",
            parameters={},
            database="sqlite",
            schema_fingerprint="",
            taken_at=programme.clock,
            file=f"scopes/{scope}.jsonl",
        ),
    )
