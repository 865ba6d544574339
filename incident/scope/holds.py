"""
What stands in the way of forgetting a list: letters that still need it. Pure.

Letters are another package's. Here only the names of what was recorded about them are known, as in `guidance.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from incident.record.events import Event

_POST = "post"  # the channel of every sender that reaches people
_PORTAL = "portal"  # of letters that a person hands in


@dataclass
class _Letter:
    """
    The newest version. begun: lists it has begun to leave to for real and is not through with.

    duty: what it is for, where a person hands it in; recorded as met, it has left and needs its list no more.
    """

    version: int = 0
    scope: str | None = None
    is_approved: bool = False
    duty: str | None = None
    begun: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Hold:
    """A letter that needs a list, and why, as the end of a sentence that begins with its name."""

    letter: str
    why: str


def holds_on(scopes: Collection[str], events: Iterable[Event], *, kept: Collection[str]) -> list[Hold]:
    """
    The letters that need one of `scopes`.

    events: the incident's own, in order. kept: the lists that stay; whoever was told from one of `scopes` is left out
    of letters to those, which takes both lists.
    """
    letters, told = _letters_after(events)
    found: list[Hold] = []
    for name, letter in letters.items():
        if here := sorted(letter.begun & set(scopes)):
            found.append(Hold(name, f"has begun to leave to {here[0]} and is not through"))
        elif letter.is_approved and letter.scope in scopes:
            found.append(Hold(name, f"version {letter.version} is approved for {letter.scope} and not sent"))
        elif (letter.is_approved or letter.begun) and letter.scope in kept and (earlier := sorted(told & set(scopes))):
            why = f"is not sent yet to {letter.scope}, and leaves out whoever was told from {earlier[0]}"
            found.append(Hold(name, why))
    return found


def told_from(scopes: Collection[str], events: Iterable[Event]) -> list[str]:
    """Those of `scopes` to whose people a letter has really begun to leave."""
    return sorted(_letters_after(events)[1] & set(scopes))


def rehearsals_of(scopes: Collection[str], events: Iterable[Event]) -> tuple[list[tuple[str, int]], list[str]]:
    """
    Where letters to `scopes` may lie as files: letter and version of each, for the program's own folder; and other
    folders that were chosen for a rehearsal.
    """
    versions: list[tuple[str, int]] = []
    folders: dict[str, None] = {}
    for event in events:
        body = event.body
        if event.kind == "letter-drafted" and body.get("scope") in scopes:
            versions.append((str(body["letter"]), int(body["letter_version"])))
        elif event.kind == "sending-begun" and body.get("scope") in scopes:
            folders.update(dict.fromkeys(_chosen_folder(str(body["sender"]))))
    return versions, list(folders)


def _chosen_folder(sender: str) -> Iterator[str]:
    """The folder in a rehearsal's name, where it is not the program's own."""
    if sender.startswith("folder "):
        yield sender.removeprefix("folder ")


def _letters_after(events: Iterable[Event]) -> tuple[dict[str, _Letter], set[str]]:
    """Each letter as it stands, and the lists that letters have really begun to leave to."""
    letters: dict[str, _Letter] = {}
    told: set[str] = set()
    events = tuple(events)
    taken_back = {event.body["sequence"] for event in events if event.kind == "step-taken-back"}
    for event in events:
        if event.kind == "duty-done" and event.sequence not in taken_back:
            for handed_in in (each for each in letters.values() if each.duty == event.body["duty"]):
                handed_in.is_approved = False
        name = event.body.get("letter")
        if name is None:
            continue
        letter = letters.setdefault(str(name), _Letter())
        match event.kind:
            case "letter-drafted":
                letter.version, letter.scope = int(event.body["letter_version"]), event.body.get("scope")
                letter.is_approved = False
                letter.duty = event.body.get("duty") if event.body.get("channel") == _PORTAL else None
            case "letter-approved":
                letter.is_approved = event.body["letter_version"] == letter.version
            case "letter-rejected":
                letter.is_approved = False
            case "letter-withdrawn" | "letter-sent":
                letter.is_approved = False
                letter.begun.clear()
            case "sending-begun" if event.body["channel"] == _POST and event.body["scope"]:
                letter.begun.add(event.body["scope"])
                told.add(event.body["scope"])
    return letters, told
