"""
The botnet's log-ins, hidden among honest ones, and whose accounts it opened.

For some nights it tries address and password pairs that were bought elsewhere. Most have no account here, or another
password; a few fit. A proxy hid where some log-ins of those nights came from, the botnet's or not: nobody can say.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playbooks.samples.names import CORNERS
from playbooks.samples.people import DAY, FIRST_KEY, Edge, Person, first_edge, named_chance
from playbooks.samples.traffic import JUNK, visits

# For documentation only (RFC 5737, RFC 3849). The second is half a network; whoever is in its other half is honest.
RANGES = ("192.0.2.0/24", "198.51.100.0/25", "2001:db8:b07e::/48")
_ADDRESSES = ("192.0.2.9", "192.0.2.77", "192.0.2.214", "198.51.100.6", "198.51.100.90", "2001:db8:b07e:1::5")
_NEXT_DOOR = ("192.0.3.9", "198.51.100.128", "2001:db8:b07f::5")
_HIDDEN = (None, "unknown", "", "-")  # what the proxy left where an address should be
SERVER_ZONE = ZoneInfo("Europe/Berlin")  # of a rented server's clock; it says nothing about a seat
_NIGHTS = 4
_FROM, _TO = time(22, 40), time(5, 20)  # by the server's clock; no clock change ever makes either come twice
_OPENED, _REFUSED, _NO_ACCOUNT = 0.016, 0.07, 0.25  # shares, of all accounts
_HIDDEN_SHARE = 0.004
LOGINS_A_DAY = 0.012
LOG_DAYS = 220  # nothing is ever cleared; so long that there is always a clock change in it
_FIRST_EDGE = first_edge(CORNERS)
_EDGE_KEYS = range(_FIRST_EDGE, _FIRST_EDGE + 12)  # by their log-ins: to the second and to the last address
_LEFT_AFTER_IT = 10  # the place among them of somebody whose account was opened, and who left before anybody noticed
_STRANGER, _WRONG, _FITS = range(3)

Login = tuple[int, int | None, str | None, str | None, bool]  # at, key, the name typed, address, whether it let in


@dataclass(frozen=True)
class Night:
    """One night, in Unix seconds."""

    starts: int
    ends: int


@dataclass(frozen=True)
class Botnet:
    """
    nights: in order; the question asks from the first one's start to the last one's end.

    opened: keys of the accounts it got into, in order. hidden: keys of accounts that somebody got into from nobody
    knows where, and that are not among the opened. tries, by time: `times` and beside each its `codes`, four times a
    key and what became of it, so that millions lie in two arrays. planted: all other log-ins that are not plain.
    """

    nights: tuple[Night, ...]
    opened: tuple[int, ...]
    hidden: tuple[int, ...]
    times: array[int]
    codes: array[int]
    planted: tuple[Login, ...]

    @property
    def began(self) -> int:
        return self.nights[0].starts

    @property
    def ended(self) -> int:
        return self.nights[-1].ends

    def tries(self) -> Iterator[Login]:
        for at, code in zip(self.times, self.codes, strict=True):
            number, what = divmod(code, 4)
            address = _ADDRESSES[(number + at) % len(_ADDRESSES)]
            if what == _STRANGER:
                yield at, None, f"bought.{number}@mail.example", address, False
            else:
                yield at, number, None, address, what == _FITS

    def let_in(self) -> Iterator[tuple[int, int, str]]:
        """When it got into which account, and from where."""
        return ((at, key, ip) for at, key, _, ip, success in self.tries() if success and key and ip)


def nights_before(until: int) -> tuple[Night, ...]:
    """The botnet's nights; the last one ended three hours before `until`, Unix seconds, or earlier."""
    latest = datetime.fromtimestamp(until, SERVER_ZONE) - timedelta(hours=3)
    morning = latest.date() if latest.time() >= _TO else latest.date() - timedelta(days=1)
    mornings = [morning - timedelta(days=back) for back in range(_NIGHTS - 1, -1, -1)]
    return tuple(Night(_unix(day - timedelta(days=1), _FROM), _unix(day, _TO)) for day in mornings)


def is_banned(key: int) -> bool:
    """No password lets a banned account in."""
    return key % 127 == 0 and key >= _EDGE_KEYS.stop


def honest_logins(
    number: int, *, seed: int, until: int, first_day: int = LOG_DAYS, last_day: int = 1
) -> Iterator[Login]:
    """
    What people do by themselves, in order of time, from `first_day` to `last_day` before `until`.

    Each day has a beginning of its own, so that a few of them can be read again without the months before.
    """
    ways = ("in",) * 14 + ("mistyped",)
    for day in range(first_day, last_day - 1, -1):
        end = until - (day - 1) * DAY
        for at, key, ip, way in visits(
            number, seed=seed * 1_000 + day, until=end, days=1, actions=ways, a_day=LOGINS_A_DAY
        ):
            if key not in _EDGE_KEYS:
                yield at, key, None, ip, way == "in" and not is_banned(key)


def plant(everyone: Iterable[Person], number: int, *, seed: int, until: int) -> Botnet:
    """Choose whose passwords fit, and lay all tries, edges and decoys."""
    chance = named_chance("botnet", seed)
    nights = nights_before(until)
    began, ended = nights[0].starts, nights[-1].ends
    there = array("q", (one.key for one in everyone if _can_be_let_in(one, began, ended)))
    corners = [key for key in there if key < _FIRST_EDGE]
    others = array("q", (key for key in there if key >= _EDGE_KEYS.stop))
    fit = {*corners, *chance.sample(others, int(number * _OPENED))}
    rest = array("q", (key for key in others if key not in fit))
    wrong = chance.sample(rest, int(number * _REFUSED))
    times, codes = _tries(chance, nights, sorted(fit), wrong, int(number * _NO_ACCOUNT))
    logins, opened_edges, hidden_edge = _edge_logins(_FIRST_EDGE, began, ended)
    doubtful = [*chance.sample(rest, max(3, int(number * _HIDDEN_SHARE))), *sorted(fit)[-2:]]
    planted = [*logins, *_unplaced(chance, doubtful, began, ended), *_decoys(chance, rest, began, ended, until)]
    planted += _gone(number, began)
    opened = {*fit, *opened_edges}
    hidden = {hidden_edge, *doubtful, *_hidden_by_chance(number, began, ended, seed=seed, until=until)} - opened
    in_order = tuple(sorted(planted, key=lambda row: (row[0], row[1] or 0)))
    return Botnet(nights, tuple(sorted(opened)), tuple(sorted(hidden)), times, codes, in_order)


def edges(botnet: Botnet, until: int) -> tuple[Edge, ...]:
    """Plain accounts, one of which left after the botnet had been in it."""
    created = until - 400 * DAY
    left = {_LEFT_AFTER_IT: botnet.ended - 3600}
    return tuple((created, left.get(place)) for place in range(len(_EDGE_KEYS)))


def _can_be_let_in(person: Person, began: int, ended: int) -> bool:
    stayed = person.deleted_at is None or person.deleted_at > ended
    return person.created_at < began - DAY and stayed and not is_banned(person.key)


def _unix(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, SERVER_ZONE).astimezone(UTC).timestamp())


def _tries(
    chance: random.Random, nights: Sequence[Night], fit: Sequence[int], wrong: Sequence[int], strangers: int
) -> tuple[array[int], array[int]]:
    codes = array("q", (key * 4 + _FITS for key in fit))
    codes.extend(key * 4 + _WRONG for key in wrong)
    codes.extend(key * 4 + _WRONG for key in fit[::3])  # of some it had an older password too
    codes.extend(number * 4 + _STRANGER for number in range(strangers))
    chance.shuffle(codes)
    times = array("q")
    for place, night in enumerate(nights):
        share = len(codes) * (place + 1) // len(nights) - len(times)
        times.extend(sorted(chance.randrange(night.starts + 60, night.ends - 60) for _ in range(share)))
    return times, codes


def _edge_logins(first: int, began: int, ended: int) -> tuple[list[Login], tuple[int, ...], int]:
    """Their log-ins, the keys of those that were opened, and of the one that nobody can judge."""
    noon = began + 13 * 3600
    ours, rows = "198.51.100.6", list[Login]()

    def row(place: int, at: int, ip: str | None, *, success: bool = True) -> None:
        rows.append((at, first + place, None, ip, success))

    row(0, began, ours)
    row(1, began - 1, ours)
    row(2, ended, "2001:db8:b07e:ffff:ffff:ffff:ffff:ffff")
    row(3, ended + 1, ours)
    row(4, noon, "198.51.100.128")  # the first address behind the range
    row(5, noon, "198.51.100.127")
    row(6, noon, ours, success=False)
    row(7, noon, "::ffff:198.51.100.6")  # as some proxies write it
    row(8, noon, None)
    row(9, noon, "unknown")
    row(9, noon + 60, ours)
    row(10, noon, ours)
    row(11, began - 30 * DAY, ours)
    return rows, tuple(first + place for place in (0, 2, 5, 7, 9, 10)), first + 8


def _unplaced(chance: random.Random, keys: Iterable[int], began: int, ended: int) -> list[Login]:
    return [(chance.randrange(began + 60, ended - 60), key, None, chance.choice(_HIDDEN), True) for key in keys]


def _decoys(chance: random.Random, honest: Sequence[int], began: int, ended: int, until: int) -> list[Login]:
    """Log-ins that look like the botnet's in one respect and are not."""

    def some(share: float) -> list[int]:
        return chance.sample(honest, max(2, int(len(honest) * share)))

    def between(start: int, end: int, share: float, addresses: Sequence[str | None]) -> list[Login]:
        return [(chance.randrange(start, end), key, None, chance.choice(addresses), True) for key in some(share)]

    # The networks are rented out: honest people come through them on other days, and just outside the nights.
    rows = between(until - LOG_DAYS * DAY, began - DAY, 0.006, _ADDRESSES)
    rows += between(began - 600, began, 0.001, _ADDRESSES) + between(ended + 1, ended + 601, 0.001, _ADDRESSES)
    rows += between(began, ended, 0.003, _NEXT_DOOR) + between(began, ended, 0.003, ("198.18.77.4",))
    # Without an address, but on other days or not let in: no doubt about these.
    rows += between(until - LOG_DAYS * DAY, began - DAY, 0.002, _HIDDEN)
    return rows + [(began + 7200, key, None, None, False) for key in some(0.001)]


def _gone(number: int, began: int) -> list[Login]:
    """Accounts that were opened and then removed for good, so that only the log knows them."""
    return [(began + 5400 + place, FIRST_KEY + number + place, None, _ADDRESSES[0], True) for place in range(2)]


def _hidden_by_chance(number: int, began: int, ended: int, *, seed: int, until: int) -> set[int]:
    """Who logged in during the nights from nobody knows where, by the honest traffic itself."""
    first_day = (until - began) // DAY + 1
    rows = honest_logins(number, seed=seed, until=until, first_day=first_day)
    return {key for at, key, _, ip, success in rows if success and key and ip in JUNK and began <= at <= ended}
