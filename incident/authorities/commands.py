"""Command: `incident law authority`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from incident import shell
from incident.authorities.registry import CHANNELS, Authority, in_country, load_authorities

_DOUBT = {"verified": "verified", "secondary": "from a secondary source", "knowledge": "NOT VERIFIED: check the page"}


def authority(
    country: Annotated[
        str | None, typer.Argument(metavar="[COUNTRY]", help="Two letters, such as EE, or a part such as DE-BY.")
    ] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Who takes notices in a country, how, and in which language; without one, all that are on file.

    Example: incident law authority EE
    """
    known = load_authorities()
    if country is None:
        lines = [_line(one) for one in known]
    else:
        known = tuple(in_country(known, country))
        lines = [line for one in known for line in [*_lines(one), ""]][:-1]
    shell.answer(lines, [authority_document(one) for one in known], as_json=as_json)


def authority_document(one: Authority) -> dict[str, Any]:
    return {
        "id": one.id,
        "country": one.country,
        "part": one.part,
        "competent_for": one.competent_for,
        "name": one.name,
        "english": one.english,
        "short": one.short,
        "laws": list(one.laws),
        "languages": list(one.languages),
        "also": list(one.also),
        "english_for": one.english_for,
        "channel": one.channel,
        "how": one.how,
        "page": one.page,
        "email": one.email,
        "phone": one.phone,
        "address": one.address,
        "fallback": one.fallback,
        "notable": list(one.notable),
        "confidence": one.confidence,
        "weaker": one.weaker,
        "checked_on": one.checked_on.isoformat(),
    }


def _line(one: Authority) -> str:
    return f"{one.part or one.country:<7}{one.short:<16}{one.name}; {', '.join(one.languages)}; {one.how}"


def _lines(one: Authority) -> list[str]:
    competent = f", for {one.competent_for.replace('_', ' ')}" if one.competent_for else ""
    also = f"; perhaps also {', '.join(one.also)}" if one.also else ""
    english = f"; English for {one.english_for}" if one.english_for else ""
    channel = f" ({CHANNELS[one.channel]})" if one.channel in {"form_with_login", "unknown"} else ""
    said = [
        ("How", one.how + channel),
        ("Otherwise", one.fallback),
        ("Language", ", ".join(one.languages) + also + english),
        ("Page", one.page),
        ("E-mail", one.email),
        ("Telephone", one.phone),
        ("Address", one.address),
        *(("Note", note) for note in one.notable),
        ("Laws", ", ".join(one.laws)),
        ("Checked", f"{one.checked_on}: {_DOUBT[one.confidence]}" + (f"; {one.weaker}" if one.weaker else "")),
    ]
    head = f"{one.part or one.country}: {one.name} ({one.english}){competent}"
    return [head, *(f"   {word:<10} {text}" for word, text in said if text)]
