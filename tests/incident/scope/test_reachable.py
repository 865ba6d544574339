"""Which addresses count as unreachable: alike in both engines, and never one that sending would write to."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme import FIVE_PAST_THREE

from incident.scope.databases import first_row, open_accounts
from incident.scope.mapfile import read_datamap
from incident.scope.questions import Question
from incident.scope.sql import compile_scope
from notices.recipients import usable_address

MAP = '[accounts]\ntable = "people"\nkey = "id"\nemail = "email"\n'
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


@pytest.fixture(scope="module")
def judge(postgres_server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """How many of some addresses each engine calls unreachable."""
    folder: Path = tmp_path_factory.mktemp("addresses")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    datamap = read_datamap(folder / "map.toml")
    lite = sqlite3.connect(folder / "accounts.db", isolation_level=None)
    lite.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
    with psycopg.connect(postgres_server_url, autocommit=True) as post:
        post.execute("CREATE TABLE people (id integer PRIMARY KEY, email text)")

        def broken(*addresses: str) -> tuple[int, int]:
            counts = []
            rows = list(enumerate(addresses))
            lite.execute("DELETE FROM people")
            lite.executemany("INSERT INTO people VALUES (?, ?)", rows)
            post.execute("DELETE FROM people")
            post.cursor().executemany("INSERT INTO people VALUES (%s, %s)", rows)
            for url in (f"sqlite:///{folder}/accounts.db", postgres_server_url):
                with open_accounts(url) as accounts:
                    schema = accounts.probe(datamap)
                    question = Question(everyone=True)
                    asked = compile_scope(question, datamap, schema, accounts.engine, taken_at=FIVE_PAST_THREE)
                    counts.append(int(first_row(accounts, asked.tally)[3 + asked.sums.index("broken")]))
            return counts[0], counts[1]

        yield broken
        post.execute("DROP TABLE people")
    lite.close()


@pytest.mark.parametrize("address", BROKEN)
def test_what_no_mail_reaches_is_unreachable(judge: Any, address: str) -> None:
    assert judge(address) == (1, 1)
    assert usable_address(address.strip())[0] is None


@pytest.mark.parametrize("address", FINE)
def test_what_sending_writes_to_is_not_unreachable(judge: Any, address: str) -> None:
    assert judge(address) == (0, 0)
    assert usable_address(address.strip())[0]


_SIGNS = [*"aB7õ.-@_+' \t([]^%*?|。李", "\u00a0", "\\", '"', "\x7f", "xn--"]
_ENDS = ["@example.com", "@mail.example", "@õun.ee", ".com", ".test", ".Invalid", ".local"]
pieces = st.sampled_from([*_SIGNS, *_ENDS])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60
)
@given(st.lists(st.lists(pieces, max_size=8).map("".join), min_size=1, max_size=40, unique=True))
def test_both_engines_agree_and_call_nobody_unreachable_who_gets_a_letter(judge: Any, addresses: list[str]) -> None:
    lite, post = judge(*addresses)
    assert lite == post
    reached = [address for address in addresses if usable_address(address.strip())[0]]
    assert judge(*reached) == (0, 0) if reached else True
