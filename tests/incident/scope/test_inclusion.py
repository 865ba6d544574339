"""Why an account is on a list, as far as the list and the question say; and what only the database knew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from programme import Programme

from incident.record.events import ScopeSealed
from incident.scope.difference import Difference, Reasons, differences
from incident.scope.inclusion import Listed, findings, parts_of
from incident.scope.sealed import Person, Segment

TALLINN = ZoneInfo("Europe/Tallinn")
AT = "2026-11-20T22:00:00Z"
NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)


def person(key: str = "1", created: str | None = "2024-03-01T10:00:00Z", deleted: str | None = None) -> Person:
    return Person(0, key, "mari@example.com", None, None, None, None, created, deleted, None)


def verdicts(question: dict[str, Any], who: Person) -> list[bool | None]:
    return [finding.met for finding in findings(question, Listed(who, None), TALLINN)]


def test_values_on_the_list_show_what_they_can() -> None:
    question = {"existing_at": AT, "seen": {"since": AT, "until": AT}, "from_ip": ["203.0.113.0/24"], "trail": "log"}
    existing, trail = findings(question, Listed(person(), None), TALLINN)
    assert existing.met is True
    assert existing.because == "created Fri 2024-03-01 12:00 +02:00, by then; no deletion on the list"
    assert existing.in_short == "created by then; no deletion on the list"
    assert trail.met is None
    assert "acting from 203.0.113.0/24; and on the trail log" in trail.asked
    assert trail.because == "the list does not keep the row of the trail"


@pytest.mark.parametrize(
    ("created", "deleted", "days", "met", "says"),
    [
        ("2026-11-20T22:00:00Z", None, None, True, "by then"),  # within that second
        ("2026-11-20T22:00:01Z", None, None, False, "after that"),
        (None, None, None, True, "which counts as created before"),
        ("2024-03-01T10:00:00Z", "2026-11-20T22:00:00Z", None, True, "not before that"),
        ("2024-03-01T10:00:00Z", "2026-11-20T21:59:59Z", None, False, "before that"),
        ("2024-03-01T10:00:00Z", "2026-10-25T00:00:00Z", 30, True, "at most 30 days before"),
        ("2024-03-01T10:00:00Z", "2026-10-01T00:00:00Z", 30, False, "before that"),
    ],
)
def test_who_existed(created: Any, deleted: Any, days: Any, met: bool, says: str) -> None:
    question = {"existing_at": AT} | ({"deleted_within_days": days} if days else {})
    (found,) = findings(question, Listed(person(created=created, deleted=deleted), None), TALLINN)
    assert found.met is met
    assert says in found.because
    assert "2024" not in found.in_short  # no value of the account


@pytest.mark.parametrize(
    ("created", "deleted", "met"),
    [
        ("2026-11-20T22:00:00Z", None, True),
        ("2026-11-20T22:00:01Z", None, False),
        ("2026-11-01T00:00:01Z", "2026-11-02T00:00:00Z", True),  # came and left within it
        ("2024-03-01T10:00:00Z", "2026-11-01T00:00:00Z", True),
        ("2024-03-01T10:00:00Z", "2026-10-31T23:59:59Z", False),
    ],
)
def test_who_existed_at_some_moment_of_a_window(created: str, deleted: str | None, met: bool) -> None:
    question = {"existing_at": AT, "existing_since": "2026-11-01T00:00:00Z"}
    assert verdicts(question, person(created=created, deleted=deleted)) == [met]


def test_questions_inside_questions() -> None:
    then = {"existing_at": AT}
    before = {"existing_at": "2023-01-01T00:00:00Z"}
    where = {"where": "plan = 'paid'"}
    assert verdicts({"everyone": True, "all": [then, where]}, person()) == [True, True, None]
    assert verdicts({"any": [before, then]}, person()) == [True]
    assert verdicts({"any": [before, where]}, person()) == [None]
    assert verdicts({"any": [before, before]}, person()) == [False]
    assert verdicts({"without": [before]}, person()) == [True]
    assert verdicts({"without": [then]}, person()) == [False]
    assert verdicts({"without": [where, before]}, person()) == [None, True]
    assert verdicts({"any": [{"all": [then, where]}]}, person()) == [None]
    assert [list(part) for part in parts_of({"ids": {}, "tenants": [], "where": "x", "asked_by_a_newer": 1})] == [
        ["tenants"],
        ["ids"],
        ["where"],
        ["asked_by_a_newer"],
    ]
    assert verdicts({"asked_by_a_newer": 1}, person()) == [None]


def scope(name: str, question: dict[str, Any], **other: Any) -> ScopeSealed:
    later = NOW.replace(hour=NOW.hour + int(name[1:]))
    values = {"statement": "SELECT", "database": "pg/app", "taken_at": later, "by_store": {}, "maps": {}, **other}
    return ScopeSealed(
        scope=name, question=question, digest="sha256:0", counts={}, by_country={}, by_locale={}, by_category={},
        parameters={}, schema_fingerprint="", file="", **values,
    )  # fmt: skip


def why(before: ScopeSealed, after: ScopeSealed, old: list[Person], new: list[Person]) -> list[Difference]:
    lists = ([Segment(0, tuple(people), "")] if people else [] for people in (old, new))
    return list(differences(*lists, Reasons(before, after, TALLINN)))


EVERYONE = {"everyone": True}


def test_the_same_question_later() -> None:
    first, second = scope("s1", EVERYONE), scope("s2", EVERYONE)
    new = person("2", created="2026-11-21T02:30:00Z")
    found = why(first, second, [person("1"), person("3")], [new, person("3"), person("4"), person("5", created=None)])
    assert [(one.key, one.change, one.why) for one in found] == [
        ("1", "removed", "not in the account table any more when s2 was read"),
        ("2", "added", "created since s1 was read"),
        ("4", "added", "not in the account table yet when s1 was read, although created before"),
        ("5", "added", "not in the account table yet when s1 was read"),
    ]
    (one,) = why(second, first, [new], [])
    assert one.why == "created since s1 was read"  # the same the other way round


def test_another_question() -> None:
    paid = {**EVERYONE, "where": "plan = 'paid'"}
    existing = {"existing_at": AT}
    late = person("2", created="2026-11-20T23:00:00Z")
    (one,) = why(scope("s1", existing), scope("s2", EVERYONE), [], [late])
    assert one.why == ("s1 asked for accounts that existed on Sat 2026-11-21 00:00 +02:00: created after that")
    (one,) = why(scope("s1", paid), scope("s2", EVERYONE), [], [person()])
    assert one.why == "s1 also asked: where plan = 'paid'"
    (one,) = why(scope("s1", EVERYONE), scope("s2", paid), [person()], [])
    assert one.why == "s2 also asked: where plan = 'paid'"
    (one,) = why(scope("s1", paid), scope("s2", paid), [person()], [])
    assert one.why == "not in the account table any more when s2 was read, or did not meet the question then"


def test_another_database_or_map() -> None:
    (one,) = why(scope("s1", EVERYONE), scope("s2", EVERYONE, database="pg/copy"), [person()], [])
    assert one.why == "another database: s2 was read from pg/copy, not from pg/app"
    (one,) = why(scope("s1", EVERYONE), scope("s2", EVERYONE, statement="SELECT x WHERE y"), [person()], [])
    assert one.why.endswith("or did not meet the question then, or the map is another one")
    two = scope("s1", EVERYONE, database="pg/app, pg/shop", by_store={"app": 1, "shop": 1})
    three = scope("s2", EVERYONE, database="pg/app, pg/shop, pg/old", by_store={"app": 1, "shop": 1, "old": 1})
    added = why(two, three, [], [person("app/1", created=None), person("old/1", created=None)])
    assert [one.why.partition(":")[0] for one in added] == [
        "not in the account table yet when s1 was read",
        "another database",
    ]


IN_A = {"stores": ["a"]}
SEVERAL = {"by_store": {"a": 2, "b": 0}, "maps": {"a": {}, "b": {}}}


def test_whose_list_does_not_say_its_store_gets_no_answer_about_stores() -> None:
    (found,) = findings(IN_A, Listed(person("a/1"), None), TALLINN)
    assert (found.met, "a/1" in found.because) == (None, False)
    assert [findings(IN_A, Listed(person(), name), TALLINN)[0].met for name in ("a", "b")] == [True, False]


def test_lists_of_one_store_and_of_several_are_told_apart_and_not_their_people() -> None:
    several, one = scope("s4", IN_A, **SEVERAL), scope("s5", EVERYONE, maps={"a": {}})
    old, new = ([person(f"{store}{number}", created=None) for number in (1, 2)] for store in ("a/", ""))
    keys = "s4 is of several stores and writes store/key, s5 of one and writes the key alone: "
    found = why(several, one, old, new)
    assert {(each.change, each.why) for each in found} == {
        ("removed", f"{keys}s5 may have the same account"),
        ("added", f"{keys}s4 may have the same account"),
    }
    other = scope("s5", EVERYONE, maps={"b": {}})
    assert {each.why for each in why(several, other, [], new)} == {"s4 asked for in the store a: in b"}


def test_lists_of_several_stores_say_which_store_decided() -> None:
    all_, in_a = scope("s1", EVERYONE, **SEVERAL), scope("s2", IN_A, **SEVERAL)
    gone = why(all_, in_a, [person("b/1"), person("b/2")], [])
    assert {(each.change, each.why) for each in gone} == {("removed", "s2 asked for in the store a: in b")}


def test_no_reason_names_a_value_of_an_account() -> None:
    one, other = person(), Person(0, "1", "new@example.com", "Mari", None, None, None, None, None, None)
    (changed,) = why(scope("s1", EVERYONE), scope("s2", EVERYONE), [one], [other])
    assert changed.why == "another value in email, name, created_at"
    assert changed.columns == ("email", "name", "created_at")


@pytest.fixture
def lists(breach: Programme, sqlite_store: Any, map_file: Any) -> Programme:
    words = ("scope", "run", "--database", sqlite_store.url, "--map", str(map_file))
    breach.ok(*words, "--existing-at", "2026-11-20 22:00")
    breach.ok(*words, "--where", "id = 9")
    return breach


def test_one_person_is_explained_from_the_list_alone(lists: Programme, sqlite_store: Any) -> None:
    sqlite_store.change("DROP TABLE people")
    shown = lists.ok("scope", "show", "s1", "--person", "10")
    assert "This prints personal data." in shown.err
    assert "s1 has the account 10" in shown.out
    assert "accounts that existed on Fri 2026-11-20 22:00 +00:00" in shown.out
    assert "yes: created Fri 2025-01-31 10:00 +00:00, by then; no deletion on the list" in shown.out
    document = lists.json("scope", "show", "s1", "--person", "10")
    assert document["people"][0]["values"]["country"] == "AE"
    assert document["people"][0]["because"][0]["met"] is True


def test_somebody_is_found_by_address_as_addresses_are_compared(lists: Programme) -> None:
    document = lists.json("scope", "show", "s1", "--email", " PERSON1@example.com ")
    assert [(each["key"], each["same_address_as_earlier"]) for each in document["people"]] == [
        ("1", False),
        ("2", True),
        ("23", True),
    ]
    assert "gets no letter of its own" in lists.ok("scope", "show", "s1", "--email", "person1@example.com").out


def test_who_is_not_on_the_list_is_looked_for_on_the_others(lists: Programme) -> None:
    missing = lists.run("scope", "show", "s2", "--person", "10")
    assert (missing.code, missing.out) == (1, "Not on s2.\nOn s1: incident scope show s1 …\n")
    assert missing.err == ""
    nowhere = lists.run("scope", "show", "s2", "--person", "nobody", "--json")
    assert (nowhere.code, nowhere.json["people"], nowhere.json["elsewhere"]) == (1, [], [])
    both = lists.run("scope", "show", "s1", "--person", "1", "--email", "x@example.com")
    assert (both.code, "do not go together" in both.err) == (2, True)


def test_a_diff_of_two_questions_says_which_part_decided(lists: Programme) -> None:
    document = lists.json("scope", "diff", "s1", "s2")
    assert (document["added"], document["changed"]) == (0, 0)
    assert {one["why"] for one in document["because"]} == {"s2 also asked: where id = 9"}
    back = lists.ok("scope", "diff", "s2", "s1", "--most", "0").out
    assert f"{document['removed']} added: s2 also asked: where id = 9" in back
