"""Which addresses count as unreachable: never one that sending would write to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.scope.reachable import cannot_be_reached, how_many_cannot_be_reached
from notices.recipients import usable_address

BROKEN = [
    "õ@example.com",
    "mari.õ@example.com",
    "a b@example.com",
    "a@exam ple.com",
    "a@localhost",
    "a@example",
    "a@mail.test",
    "a@mail.TEST",
    "a@mail.invalid",
    "a@mail.localhost",
    "a@printer.local",
    "a@x.onion",
    ".a@example.com",
    "a.@example.com",
    "a..b@example.com",
    "a@.example.com",
    "a@example.com.",
    "a@example..com",
    "a@@example.com",
    "a@b@example.com",
    "@example.com",
    "a@-example.com",
    "a@example-.com",
    "a@example.-com",
    "a@exam_ple.com",
    "a@203.0.113.7",
    "a@[203.0.113.7]",
    '"a b"@example.com',
    "a\\b@example.com",
    "a[b@example.com",
    "a@example.com\nBcc: b@example.com",
    "a" * 65 + "@example.com",
    "a" * 60 + "@" + "b" * 60 + "." + "b" * 60 + "." + "b" * 60 + "." + "b" * 60 + ".com",
    "",
    "   ",
]
FINE = [
    "a@example.com",
    "A.B@EXAMPLE.COM",
    "o'neill+x=y#1@mail.example",
    "a.-b-@example.com",
    "a@õun.example",
    "a@õun。ee",
    "a@example.õ7",
    "a@1x.example",
    "a@contest.example",
    " a@example.com ",
    "\ta@example.com\r\n",
    "\u00a0a@example.com",
    "a" * 64 + "@example.com",
]


@pytest.mark.parametrize("address", BROKEN)
def test_what_no_mail_reaches_is_unreachable(address: str) -> None:
    assert cannot_be_reached(address)
    assert usable_address(address.strip())[0] is None


@pytest.mark.parametrize("address", FINE)
def test_what_sending_writes_to_is_not_unreachable(address: str) -> None:
    assert not cannot_be_reached(address)
    assert usable_address(address.strip())[0]


_SIGNS = [*"aB7õ.-@_+' \t([]^%*?|。李", "\u00a0", "\\", '"', "\x7f", "xn--"]
_ENDS = ["@example.com", "@mail.example", "@õun.ee", ".com", ".test", ".Invalid", ".local"]
pieces = st.sampled_from([*_SIGNS, *_ENDS])


@given(st.lists(st.lists(pieces, max_size=8).map("".join), max_size=40))
def test_by_the_thousand_is_one_by_one_and_nobody_is_unreachable_who_gets_a_letter(addresses: list[str]) -> None:
    assert how_many_cannot_be_reached(addresses) == sum(map(cannot_be_reached, addresses))
    assert not any(cannot_be_reached(address) for address in addresses if usable_address(address.strip())[0])


@given(st.lists(st.sampled_from(["a@example.com", "b.c@mail.ee", None, "", "x@y.test", "a@b.co\nc@d.ee"]), max_size=6))
def test_those_without_an_address_are_among_them(addresses: list[str | None]) -> None:
    assert how_many_cannot_be_reached(addresses) == sum(map(cannot_be_reached, addresses))
