"""
Template and facts -> the Markdown and the subject of a letter. An undefined name is an error, a missing fact a refusal.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.sandbox import SandboxedEnvironment

from incident.errors import UsageError
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from incident.record.vocabulary import vocabulary
from notices import markdown
from notices.annex import Annex
from notices.contents import Missing, is_late, named
from notices.followup import Former, LettersLeft
from notices.lacking import Lack, LackingError, unfilled
from notices.letters import Letter
from notices.markdown import Markdown
from notices.parts import BY_COUNTRY, Part
from notices.telling import Blank, Counted, Facts, Profile, Record, Rules, Said
from notices.template_library import Template
from notices.wording import Wording


@dataclass(frozen=True)
class Occasion:
    """
    What a letter is written on.

    now: aware; the date of the letter. due_at: the duty's deadline, None where it has no number or is not known.
    copies: languages of the letters to people that are attached. former: what the authority has had before.
    first: the notice that this one refers to, under another duty. annex: the list that goes with it.
    told: letters to people that have left, where no fact says whether they were told. asked: ids of the facts that
    the laws ask for in this letter.
    """

    incident: Incident
    organisation: Organisation
    now: datetime
    due_at: datetime | None = None
    copies: tuple[str, ...] = ()
    former: Former | None = None
    first: Former | None = None
    annex: Annex | None = None
    told: LettersLeft | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """
    A letter's text. facts: name -> version, 0 for one that was looked for and was not there.

    still_open: what the letter calls "not yet known". uses_stock_advice: nobody has said what people are to do.
    """

    kind: str
    language: str
    text: str
    subject: str
    facts: dict[str, int]
    still_open: tuple[Missing, ...]
    uses_stock_advice: bool = False


def draft(template: Template, occasion: Occasion) -> Draft:
    """
    Write the letter.

    Raises LackingError naming everything that is missing, with the command for each; UsageError with file and line for
    a template that cannot be used.
    """
    before = _render(template, occasion, Record())[2]
    # The list of open points may stand before the places that open them, so the letter is written twice.
    also = tuple(fact for fact in occasion.asked if named(fact, template.language) not in before.facts)
    text, subject, record = _render(template, occasion, before, also)
    missing = {**unfilled(occasion.organisation, template.items), **record.missing}
    if missing:
        raise LackingError([Lack(template.kind.id, template.language, tuple(missing.values()))])
    still_open = tuple(record.still_open.values())
    advice = occasion.incident.ledger.get(named("actions_for_people", template.language))
    return Draft(
        template.kind.id,
        template.language,
        text,
        subject,
        dict(sorted(record.facts.items())),
        still_open,
        template.kind.is_to_people and (advice is None or advice.state == "pending"),
    )


def _render(
    template: Template, occasion: Occasion, before: Record, also: tuple[str, ...] = ()
) -> tuple[str, str, Record]:
    """also: facts that the laws ask for and the text has no place of its own for."""
    record = Record()
    words = template.wording
    rules = Rules(template.items, template.kind.may_be_open, template.kind.strict)
    zone = occasion.organisation.zone
    facts = Facts(occasion.incident, words, zone, rules, record, languages=occasion.organisation.languages)
    context: dict[str, Any] = {
        "facts": facts,
        "organisation": Profile(occasion.organisation, record, template.items),
        "incident": {"reference": occasion.incident.id, "exercise": occasion.incident.exercise},
        "written": _Written(occasion, words, zone),
        "late": is_late(occasion.now, occasion.due_at),
        "open_points": [words.facts[name.partition("@")[0]] for name in before.still_open],
        "copies": [words.language_name(code) for code in occasion.copies],
        "part": template.kind.part,
        "asked": occasion.asked,
        "also_asked": [{"fact": fact, "name": words.facts[fact]} for fact in also],
        "annex": occasion.annex,
        "followup": _former(occasion.former, template, facts, before, occasion),
        "first_notice": _former(occasion.first, template, facts, before, occasion),
        "told": _told(occasion, words, zone),
        "words": words.words,
        # What the profile says in words (a contact's role, hours) is in the organisation's first language.
        "in_own_language": template.language == occasion.organisation.languages[0],
    }
    if (follows := template.kind.follows) and occasion.first is None:
        record.missing[follows] = Missing("The first notice", follows, f'incident done {follows} --reference "…"')
    name = f"templates/{template.kind.id}/{template.language}"
    body = _filled(template, template.body, f"{name}/letter.md.j2", context, _as_markdown)
    subject = _filled(template, template.subject, f"{name}/subject.txt.j2", context, _as_line)
    return _tidy(body), markdown.one_line(subject), record


def _told(occasion: Occasion, words: Wording, zone: ZoneInfo) -> dict[str, str | bool] | None:
    told = occasion.told
    if told is None:
        return None
    return {
        "letters": words.number(told.number),
        "since": words.day(told.since, zone),
        "is_complete": told.is_complete,
    }


def _former(
    former: Former | None, template: Template, facts: Facts, before: Record, occasion: Occasion
) -> dict[str, Any] | None:
    """What the template needs for a message that follows another. before: the facts this one reads."""
    if former is None:
        return None
    words, part = template.wording, template.kind.part
    changes = _changes(former.last, facts, before, part) if former.last else []
    shown = [
        # "": the awareness decision, which is no fact
        {"fact": name, "name": words.facts.get(name, ""), "before": then, "now": now}
        for name, then, now in changes
    ]
    return {
        "on": words.day(former.first_at, occasion.organisation.zone),
        "receipt": former.receipt,
        "changes": [change for change in shown if not _is_of_the_whole(str(change["fact"]), part)],
        "totals": [change for change in shown if _is_of_the_whole(str(change["fact"]), part)],
        "annex": _annex_change(former.last, occasion.annex),
    }


def _is_of_the_whole(fact: str, part: Part | None) -> bool:
    """Whether it is a number of the whole incident in a letter that speaks of a part of the people."""
    is_a_number = fact in vocabulary() and vocabulary()[fact].type in {"count", "tally"}
    return part is not None and is_a_number and fact != BY_COUNTRY


def _annex_change(last: Letter | None, annex: Annex | None) -> dict[str, int] | None:
    """Rows of the list that went with the last letter, and of the one that goes now; None for the same list."""
    former = last.annex if last else {}
    if annex is None or not former or former["digest"] == annex.digest:
        return None
    return {"before": int(str(former["rows"])), "now": annex.rows}


def _changes(last: Letter, facts: Facts, before: Record, part: Part | None) -> list[tuple[str, Markdown, Markdown]]:
    """Fact, as the last letter had it, as it is now; for each fact that says something else. part: of the people."""
    found = []
    for name in before.facts:
        fact, _, language = name.partition("@")
        if language in {"", facts.language}:
            then, now = facts.now_or_in(fact, last, part), facts.now_or_in(fact, None, part)
            if then != now:
                found.append((fact, then, now))
    return found


@dataclass(frozen=True)
class _Written:
    """The moment of writing, in a template: its day, its time, and how long after awareness it is."""

    _occasion: Occasion
    _words: Wording
    _zone: ZoneInfo

    def __getitem__(self, key: str) -> str:
        now = self._occasion.now
        since: timedelta = now - self._occasion.incident.awareness.at
        forms = {"day": self._words.day, "on_day": self._words.on_day, "moment": self._words.moment}
        return self._words.span(since) if key == "after_awareness" else forms[key](now, self._zone)


def _filled(template: Template, source: str, name: str, context: dict[str, Any], finalize: Any) -> str:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,  # `finalize` escapes, for Markdown; HTML is made from that by pandoc
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        field=lambda key: Markdown(markdown.mark_of(_declared(template, key))),
        table=lambda head, rows: markdown.table((head[0], head[1]), rows),
        steps=markdown.steps,
        consequences=lambda said: template.wording.consequences_of(said.value or ()),
    )
    environment.filters.update(
        within=lambda value, width=4: markdown.within(finalize(value), width),
        listed=template.wording.listed,
        number=template.wording.number,
        capital=lambda text: text[:1].upper() + text[1:],
    )
    try:
        return environment.from_string(source).render(context)
    except TemplateError as error:
        raise UsageError(
            f"{name}, line {_line_of(error)}: {error.message or type(error).__name__}.",
            state="No letter was written.",
            next_step=f"correct {name}",
        ) from error


def _declared(template: Template, key: str) -> str:
    if key not in {each.name for each in template.fields}:
        raise TemplateError(f'the field "{key}" is not declared in about.toml')
    return key


def _line_of(error: TemplateError) -> str:
    """The template's line: a syntax error knows it; otherwise the last frame that ran the template does."""
    line = getattr(error, "lineno", None)
    if line is None:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == "<template>"), None)
    return str(line) if line else "?"


def _as_markdown(value: Any) -> str:
    """What Jinja prints: facts and blanks in their own form, Markdown as it stands, everything else escaped."""
    shown = _shown(value)
    return shown if isinstance(shown, Markdown) else markdown.escape(shown)


def _as_line(value: Any) -> str:
    return markdown.one_line(_shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises here, naming what is undefined
    if isinstance(value, Said | Counted | Blank):
        return value.printed()
    if value is None or isinstance(value, bool | list | dict):
        raise TemplateError(f"a value of the kind {type(value).__name__} cannot be printed")
    return value if isinstance(value, str) else str(value)


def _tidy(text: str) -> str:
    """No spaces at line ends, no more than one empty line, one line end at the end."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept).strip("\n") + "\n"
