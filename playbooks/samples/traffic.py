"""Honest traffic: what people do on ordinary days, and from where. Pure, and the same again for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playbooks.samples.people import DAY, FIRST_KEY, named_chance

VISITS_A_DAY = 0.055  # of each account, so about five in the ninety days a log is kept
ACTIONS = ("sign-in", "page", "page", "render.start", "render.download", "settings", "error", "sign-out")
# What is found where an address should be. None of it is an address.
JUNK: tuple[str | None, ...] = (None, "", "-", "unknown", "203.0.113", "198.18.4.5, 10.0.0.1")

Visit = tuple[int, int, str | None, str]


def visits(
    people: int,
    *,
    seed: int,
    until: int,
    days: int = 90,
    actions: Sequence[str] = ACTIONS,
    first: int = FIRST_KEY,
    a_day: float = VISITS_A_DAY,
) -> Iterator[Visit]:
    """
    Honest traces of the last `days` days in order of time: (Unix seconds, key, address, action).

    first: the key of the first of the `people`. a_day: how many traces an account leaves in a day, on average.
    """
    chance = named_chance("visits", seed)
    of_all = max(1, int(people * a_day))
    numbers = range(people)
    for day in range(days, 0, -1):
        start = until - day * DAY
        times = sorted(start + int(part * DAY) for part in (chance.random() for _ in range(of_all)))
        who = chance.choices(numbers, k=of_all)
        what = chance.choices(actions, k=of_all)
        odd = chance.choices(range(1000), k=of_all)
        for at, number, action, lot in zip(times, who, what, odd, strict=True):
            key = first + number
            yield at, key, home_address(key + (lot if lot < 60 else 0)) if lot < 994 else JUNK[lot - 994], action


def home_address(key: int) -> str:
    """Where an account usually comes from: addresses that are reserved for tests and documentation (RFC 2544, 3849)."""
    if key % 7 == 0:
        return f"2001:db8:{1 + key % 4000:x}::{1 + key % 65_000:x}"
    return f"198.{18 + key % 2}.{key // 2 % 251}.{1 + key // 502 % 250}"
