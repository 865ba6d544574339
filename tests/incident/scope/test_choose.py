"""A trial run does not have the last word: an earlier list can be the one in force again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from incident.record.chain import GENESIS
from incident.record.events import Event, IncidentOpened, ScopeChosen, ScopeSealed, body_of
from incident.record.timeline import Incident, replay

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
_SEALED = ScopeSealed("s1", {}, "sha256:0", {}, {}, {}, {}, "SELECT 1", {}, "x", "y", NOW, "scopes/s1.jsonl")


def _after(*happenings: Any) -> Incident:
    return replay(
        [
            Event("2026-001", number, NOW, "ann", one.kind, one.version, body_of(one), GENESIS, GENESIS)
            for number, one in enumerate((IncidentOpened("token in a public repository"), *happenings), start=1)
        ]
    )


def test_the_list_in_force_is_the_one_sealed_or_chosen_last() -> None:
    second = replace(_SEALED, scope="s2")
    assert _after().scope_in_force is None
    for happenings, expected in (
        ([_SEALED], "s1"),
        ([_SEALED, second], "s2"),
        ([_SEALED, second, ScopeChosen("s1")], "s1"),
        ([_SEALED, second, ScopeChosen("s1"), replace(_SEALED, scope="s3")], "s3"),
    ):
        in_force = _after(*happenings).scope_in_force
        assert in_force is not None
        assert in_force.scope == expected
