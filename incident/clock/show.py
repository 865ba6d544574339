"""Duties and laws as lines that read aloud. Times are the reader's, with their offset, and UTC beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from incident.clock.alarms import KIND, perhaps_of
from incident.clock.duties import NO_LAW, Duty
from incident.clock.rules import AS_SOON_AS_POSSIBLE, CONFIDENCE, DutyRule, Item, Law, OrganisationKind, Version
from incident.moments import local, span

_NEXT = 3
_MANY = 12  # duties beyond the next three, above which a place is one line
_MOST = 12  # of the duties that may be owed, so that a screen stays one
_PLACES = {"people_by_country", "people_affected", "organisation.country"}
_DOUBT = {"secondary": "from a secondary source", "knowledge": "NOT VERIFIED: ask someone who knows this law"}
_SHORT_DOUBT = {"verified": "", "secondary": " [secondary]", "knowledge": " [NOT VERIFIED]"}
_INDENT = "   "


def clock_lines(
    duties: Sequence[Duty],
    *,
    now: datetime,
    zone: tzinfo,
    everything: bool = False,
    kinds: Mapping[str, OrganisationKind] | None = None,
) -> list[str]:
    """
    One screen: the next three in full, then the rest in a line each, or in a line a law where they are many; what
    hangs on one open question is one line.

    duties: in the order of `duties_of`. zone: the reader's. everything: each duty by itself, those not owed too, with
    its reason. kinds: what an organisation can be, for the questions of `everything`.
    """
    owed = [duty for duty in duties if duty.state in {"late", "running"}]
    dated = [duty for duty in owed if duty.due_at]
    said: set[str] = set()
    first = [[*_full(number + 1, duty, now, zone), *_why(duty, said)] for number, duty in enumerate(dated[:_NEXT])]
    rest = [*dated[_NEXT:], *(duty for duty in owed if not duty.due_at)]
    lines = [f"Now {both(now, zone)}", "", *_block("Next", first)]
    if len(rest) > _MANY and not everything:
        lines += _block("Then, law by law (--all shows each duty by itself, with its id)", _by_law(rest, now, zone))
    else:
        lines += _block("Then", [[_short(duty, now, zone)] for duty in rest if duty.due_at])
        without_date = [[_without_date(duty, now), *_why(duty, said)] for duty in rest if not duty.due_at]
        lines += _block("As soon as possible", without_date)
    possible = [duty for duty in duties if duty.state == "possible" and duty.law != NO_LAW]
    lines += _block("Perhaps owed", _perhaps_owed(possible, now, zone, everything=everything, kinds=kinds or {}))
    if unknown := [duty for duty in duties if duty.law == NO_LAW]:
        names = ", ".join(duty.name.removeprefix("No law of ").removesuffix(" is on file") for duty in unknown)
        lines += [f"CANNOT COMPUTE: no law is on file for {names}. Assume the strictest; ask counsel.", ""]
    lines += _block("Done", [[f"{_INDENT}{duty.name}. {duty.because}"] for duty in duties if duty.state == "done"])
    none = [duty for duty in duties if duty.standing == "none" and duty.reached and duty.state == "not_owed"]
    lines += _block("No duty found", [[_none_found(duty)] for duty in none])
    not_owed = [duty for duty in duties if duty.state == "not_owed"]
    if everything:
        lines += _block("Not owed", [[f"{_INDENT}{duty.name} ({duty.id}). {duty.because}"] for duty in not_owed])
    elif not_owed:
        lines += [f"{len(not_owed)} not owed: --all shows them, with the reasons.", ""]
    return lines[:-1]


def unmet_words(unmet: Sequence[Duty]) -> str:
    """Duties that are not met, in a sentence: those that run by name and id, those perhaps owed as a number."""
    owed = [f"{duty.name} ({duty.id}), {duty.state}" for duty in unmet if duty.state != "possible"]
    words = [*owed[:_MOST], *([f"{len(owed) - _MOST} more that run"] if len(owed) > _MOST else [])]
    perhaps = len(unmet) - len(owed)
    return "; ".join([*words, *([f"{perhaps} {'is' if perhaps == 1 else 'are'} perhaps owed"] if perhaps else [])])


def stopped_lines(stopped: Sequence[Duty], *, now: datetime, zone: tzinfo) -> list[str]:
    """The clocks that closing an incident stops, those that ran with what was left; those perhaps owed as a number."""
    ran = [duty for duty in stopped if duty.state != "possible"]
    lines = ["These clocks stop, and nobody is reminded of them any more:"] if ran else []
    lines += [_short(duty, now, zone) if duty.due_at else _without_date(duty, now) for duty in ran[:_MOST]]
    lines += [f"{_INDENT}and {len(ran) - _MOST} more that ran"] if len(ran) > _MOST else []
    if perhaps := len(stopped) - len(ran):
        verb = "is" if perhaps == 1 else "are"
        lines.append(f"{perhaps} {'more ' if ran else ''}{verb} perhaps owed: nobody settled that.")
    return lines


def deadline_lines(duty: Duty, *, now: datetime, zone: tzinfo) -> list[str]:
    """One duty with every reading and its reason."""
    lines = [f"{duty.name} ({duty.id})", f"{duty.period} from {_event(duty)}; rests on {duty.cite}{_doubt(duty)}"]
    if duty.starts_at:
        lines.append(f"Starts  {both(duty.starts_at, zone)}")
    if duty.due_at:
        lines.append(f"Due     {both(duty.due_at, zone)}{_aim(duty, now, zone)}")
    left = f": {_due(duty, now, zone).partition(',')[0]}" if duty.due_at else ""
    lines += [f"State   {duty.state.replace('_', ' ')}{left}", f"Because {duty.because}"]
    if duty.missing:
        lines.append(f"Missing {', '.join(duty.missing)}")
    for reading in duty.readings:
        lines.append(f"- {reading.name}: {both(reading.due_at, zone)}. {reading.why}")
    return lines


def law_line(law: Law) -> str:
    return f"{law.id:<22} {law.name}; {_number(len(law.duties))}; covers {law.covers_words}; checked {law.checked_on}"


def _number(duties: int) -> str:
    return "1 duty" if duties == 1 else f"{duties} duties"


def law_lines(law: Law) -> list[str]:
    """Everything a law file says, for reading beside the text of the law."""
    lines = [
        f"{law.name} ({law.id})",
        f"Whose law: {law.covers_words}. Applies by {' or '.join(law.reached_by)}.",
        f"Checked on {law.checked_on}; to be checked again by {law.review_by}. File: {law.file}",
    ]
    for rule in law.duties:
        lines += ["", f"{rule.name} ({rule.id})"]
        owed_by = " or ".join(role.replace("_", " ") for role in rule.owed_by)
        lines.append(f"{_INDENT}owed by {owed_by} to {rule.owed_to.replace('_', ' ')}")
        for version in rule.versions:
            lines += [f"{_INDENT}{line}" for line in _version_lines(version)]
    return lines


def review_line(law: Law, rule: DutyRule, version: Version, today: date) -> str:
    days = (today - version.review_by).days
    return (
        f"{rule.id}: was to be checked by {version.review_by}, {days} d ago; checked {version.checked_on}; {law.file}"
    )


def both(at: datetime, zone: tzinfo) -> str:
    """`at` on the reader's clock, with the offset, and in UTC: "Sat 2026-11-21 02:40 +02:00 (00:40 UTC)"."""
    utc = at.astimezone(UTC)
    there = at.astimezone(zone)
    if there.utcoffset() == utc.utcoffset():
        return f"{utc:%a %Y-%m-%d %H:%M} UTC"
    same_day = utc.date() == there.date()
    return f"{local(at, zone)} ({utc:%H:%M} UTC)" if same_day else f"{local(at, zone)} ({utc:%a %H:%M} UTC)"


def _block(title: str, entries: Sequence[Sequence[str]]) -> list[str]:
    return [title, *(line for entry in entries for line in entry), ""] if entries else []


def _full(number: int, duty: Duty, now: datetime, zone: tzinfo) -> list[str]:
    return [
        f"{number}. {duty.name}{_to(duty)} ({duty.id})",
        f"{_INDENT}{duty.state}: {_due(duty, now, zone)}{_aim(duty, now, zone)}",
        f"{_INDENT}{duty.period} from {_event(duty)}; rests on {duty.cite}{_doubt(duty)}",
        *_recipients(duty),
    ]


def _recipients(duty: Duty) -> list[str]:
    """Who leads and who is concerned, or that each is to be notified, with what the authorities disagree about."""
    each = duty.remaining or duty.each
    concerned = [one.country for one in duty.recipients if one.role == "concerned"]
    if each:
        said = list(dict.fromkeys(one.because for one in each))
        names = "; ".join(f"{one.country}: {one.name}" for one in each)
        whom = f"Each of {len(each)} is notified." if not duty.remaining else f"Still to be notified: {len(each)}."
        return [f"{_INDENT}{whom} {names}", *(f"{_INDENT}{words}" for words in said)]
    if concerned:
        return [f"{_INDENT}It leads; those of {', '.join(concerned)} are concerned, and hear of it from there."]
    return []


def _by_law(duties: Sequence[Duty], now: datetime, zone: tzinfo) -> list[list[str]]:
    """A line a law, in the order of what falls due first; its duties of one due time together, then those without."""
    by_law: dict[str, dict[datetime | None, list[Duty]]] = {}
    for duty in duties:
        by_law.setdefault(duty.law, {}).setdefault(duty.due_at, []).append(duty)
    width = max(len(law) for law in by_law)
    entries = []
    for law, by_time in by_law.items():
        parts = []
        for due_at, found in by_time.items():
            names = ", ".join(duty.name for duty in found)
            when = f"{_left(due_at, now)}, {local(due_at, zone)}" if due_at else "as soon as possible"
            parts.append(f"{when}: {names}")
        of_law = [duty for found in by_time.values() for duty in found]
        weakest = max((duty.confidence for duty in of_law), key=CONFIDENCE.index)
        assumed = " [assumed]" if any(duty.assumed for duty in of_law) else ""
        entries.append([f"{_INDENT}{law:<{width}}  {'; '.join(parts)}{_SHORT_DOUBT[weakest]}{assumed}"])
    return entries


def _short(duty: Duty, now: datetime, zone: tzinfo) -> str:
    due = f"{_due(duty, now, zone)}{_aim(duty, now, zone)}"
    return f"{_INDENT}{duty.name}{_to(duty)} ({duty.id}); {duty.state}: {due}; {duty.cite}{_doubt(duty)}"


def _without_date(duty: Duty, now: datetime) -> str:
    since = f"; {span(now - duty.starts_at)} since {_event(duty)}" if duty.starts_at and duty.starts_at <= now else ""
    named = f"{duty.name}{_to(duty)} ({duty.id})"
    return f"{_INDENT}{named}: {duty.state}, no number in the law{since}; {duty.cite}{_doubt(duty)}"


def _why(duty: Duty, said: set[str]) -> list[str]:
    """The reasons of `duty` that this screen has not said yet."""
    new = [reason for reason in duty.reasons if reason not in said]
    said.update(new)
    return [f"{_INDENT}{' '.join(new)}"] if new else []


def _none_found(duty: Duty) -> str:
    return f"{_INDENT}{duty.name} ({duty.id}). {duty.because}{_doubt(duty)}"


def _perhaps_owed(
    possible: Sequence[Duty],
    now: datetime,
    zone: tzinfo,
    *,
    everything: bool,
    kinds: Mapping[str, OrganisationKind],
) -> list[list[str]]:
    """
    Each duty by itself where a fact of this incident decides it; the others folded by the question they hang on.

    Two questions hold up most of the laws of the world: where the people live, and what the organisation is.
    """
    hanging = perhaps_of(possible)
    alone, by_place, by_kind = hanging.alone, hanging.by_place, hanging.by_kind
    entries = [_perhaps(duty, now, zone) for duty in alone[: None if everything else _MOST]]
    if hidden := len(alone) - len(entries):
        entries.append([f"{_INDENT}and {hidden} more of this kind: --all shows them"])
    if everything:
        entries += [_perhaps(duty, now, zone) for duty in by_place]
        return entries + _by_question(by_kind, now, zone, kinds)
    if by_place:
        asked = " and ".join(sorted(_PLACES & {name for duty in by_place for name in duty.missing})) or "the place"
        laws = len({duty.law for duty in by_place})
        line = f"{len(by_place)} duties of {laws} laws hang on where you sit and where the people live ({asked})"
        entries.append([f"{_INDENT}{line}; {_soonest(by_place, now, zone)}"])
    if by_kind:
        asked_kinds = {name for duty in by_kind for name in duty.missing if name.startswith(KIND)}
        line = f"{len(by_kind)} duties hang on what the organisation is (organisation.is): {len(asked_kinds)} questions"
        entries.append([f"{_INDENT}{line}; {_soonest(by_kind, now, zone)}; --all asks them"])
    return entries


def _by_question(
    duties: Sequence[Duty], now: datetime, zone: tzinfo, kinds: Mapping[str, OrganisationKind]
) -> list[list[str]]:
    """One entry for each thing the organisation may be: the question, and what it would bring."""
    asked: dict[str, list[Duty]] = {}
    for duty in duties:
        for name in duty.missing:
            if name.startswith(KIND):
                asked.setdefault(name.removeprefix(KIND), []).append(duty)
    return [
        [
            f"{_INDENT}{kinds[kind].question if kind in kinds else kind} ({kind})",
            f"{_INDENT}{_INDENT}then: {', '.join(duty.id for duty in found)}; {_soonest(found, now, zone)}",
        ]
        for kind, found in asked.items()
    ]


def _soonest(duties: Sequence[Duty], now: datetime, zone: tzinfo) -> str:
    """When the earliest of duties that are perhaps owed would be due; nothing is late before it is known to be owed."""
    first = min((duty for duty in duties if duty.due_at), key=lambda duty: (duty.due_at, duty.id), default=None)
    if first is None or first.due_at is None:
        return "none of them has a number"
    if now > first.due_at:
        return f"if all are owed, the first ({first.id}) was due {both(first.due_at, zone)}"
    return f"if all are owed, the first ({first.id}) is due {both(first.due_at, zone)}, {_left(first.due_at, now)}"


def _perhaps(duty: Duty, now: datetime, zone: tzinfo) -> list[str]:
    due = f": {_due(duty, now, zone)}" if duty.due_at else ""
    decided = f"; decided by: {', '.join(duty.missing)}" if duty.missing else ""
    return [f"{_INDENT}{duty.name} ({duty.id}){due}{decided}; {duty.cite}{_doubt(duty)}"]


def _due(duty: Duty, now: datetime, zone: tzinfo) -> str:
    """What is left and when it ends: "2 d 4 h left, due Tue 2026-11-24 02:10 +02:00 (00:10 UTC)"."""
    if duty.due_at is None:
        return AS_SOON_AS_POSSIBLE
    return f"{_left(duty.due_at, now)}, due {both(duty.due_at, zone)}"


def _aim(duty: Duty, now: datetime, zone: tzinfo) -> str:
    """What to aim at, on the reader's clock: "; aim at Mon 18:00, before offices close"."""
    if duty.aim is None or duty.due_at is None or duty.state not in {"running", "possible"}:
        return ""
    there = duty.aim.at.astimezone(zone)
    # A weekday names one day only within a week.
    at = f"{there:%a %H:%M}" if duty.due_at - duty.aim.at < timedelta(days=6) else f"{there:%a %Y-%m-%d %H:%M}"
    before = f", before {duty.aim.before}" if duty.aim.before else ""
    return f"; the time to aim at, {at}{before}, has passed" if now > duty.aim.at else f"; aim at {at}{before}"


def _left(due_at: datetime, now: datetime) -> str:
    return f"{span(now - due_at)} LATE" if now > due_at else f"{span(due_at - now)} left"


def _to(duty: Duty) -> str:
    return f": {duty.recipient}" if duty.recipient else ""


def _event(duty: Duty) -> str:
    """The starting event, marked where it is not decided yet."""
    event = duty.starts_with.removeprefix("done:").replace("_", " ")
    return f"{event} (provisional)" if duty.provisional else event


def _doubt(duty: Duty) -> str:
    marks = [_DOUBT[duty.confidence]] if duty.confidence in _DOUBT else []
    marks += ["assumed"] if duty.assumed else []
    return f" [{'; '.join(marks)}]" if marks else ""


def _version_lines(version: Version) -> list[str]:
    lines = [
        _in_force(version),
        f"period: {version.period_words} from {version.starts_after or version.starts_with_words}"
        + ("; without undue delay" if version.without_undue_delay else ""),
    ]
    if edge := version.at_latest:
        lines.append(f"at the latest {edge.period} from {edge.starts_with}")
    lines += [f"reading {way.name}: {way.why}" for way in version.readings]
    lines += [f"to aim at, {way.name}: {way.why}" for way in version.targets]
    if version.when:
        lines.append(f"this version where: {version.when.text}")
    if version.threshold:
        lines.append(f"owed where: {version.threshold.text}")
    lines += [f"while {name} is not known, {value} is assumed" for name, value in (version.assume or {}).items()]
    lines += [f"not owed where {part.when.text}: {part.words} ({part.cite})" for part in version.exemptions]
    lines += [_item_line(item) for item in version.items]
    lines += [f"languages: {', '.join(version.languages)}"] if version.languages else []
    lines += [f"channel: {version.channel}"] if version.channel else []
    lines += [f"note: {version.note}"] if version.note else []
    url = f", {version.source.url}" if version.source.url else ""
    lines.append(f"source: {version.source.cite}{url}")
    lines.append(f"confidence: {version.confidence}; checked on {version.checked_on}, again by {version.review_by}")
    return lines


def _in_force(version: Version) -> str:
    if version.none:
        return "no breach-notice duty was found" + (
            f" until {version.in_force_until}" if version.in_force_until else ""
        )
    if version.pending:
        return f"PENDING, not in force{f'; planned from {version.in_force_from}' if version.in_force_from else ''}"
    until = f" until {version.in_force_until}" if version.in_force_until else ""
    older = "; the text it amended or replaced is not on file, and asked for a notice too" if version.amends else ""
    return f"in force from {version.in_force_from}{until}{older}"


def _item_line(item: Item) -> str:
    verb = "must not say" if item.forbidden else "must say"
    when = f" (where {item.when.text})" if item.when else ""
    choices = (*item.one_of, *item.profile)
    needs = ", ".join([*item.facts, *([" or ".join(choices)] if choices else [])])
    return f"{verb}: {item.words}, {item.cite}{when}" + (f"; from {needs}" if needs else "")
