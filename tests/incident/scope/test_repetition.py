"""Noticing that an address occurs twice, in memory and beyond."""

from __future__ import annotations

from contextlib import closing
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.scope import repetition
from incident.scope.repetition import Repetition

addresses = st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=40)


def occurs(*batches: list[str | None]) -> bool:
    with closing(Repetition()) as found:
        for batch in batches:
            found.add(batch)
        return found.repeated() is not None


@given(addresses, addresses)
def test_nothing_that_occurs_twice_is_overlooked(first: list[str | None], second: list[str | None]) -> None:
    there = [address.lower() for address in [*first, *second] if address]
    assert occurs(first, second) == (len(set(there)) < len(there))


def test_large_letters_are_small_ones_and_nothing_is_no_address() -> None:
    assert occurs(["Ann@example.com"], ["ann@EXAMPLE.com"])
    assert not occurs([None, "", None, ""], [None])


@pytest.mark.parametrize("again", [0, 4_999, 9_999])
def test_more_than_memory_holds(monkeypatch: pytest.MonkeyPatch, again: int) -> None:
    monkeypatch.setattr(repetition, "_IN_MEMORY", 3_000)
    each = (f"person{number}@example.com" for number in range(10_000))
    with closing(Repetition()) as found:
        while batch := list(islice(each, 1000)):
            found.add(batch)
        assert found.repeated() is None
        found.add([f"Person{again}@example.com"])
        assert f"person{again}@EXAMPLE.com" in (found.repeated() or ())
