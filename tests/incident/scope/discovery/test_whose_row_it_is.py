"""Names, times and addresses that are easily taken for somebody else's, or not seen at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.live import read_live
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text

PEOPLE = "CREATE TABLE users (id int PRIMARY KEY, email varchar(99), password varchar(99){});"


def found(tmp_path: Path, text: str) -> Proposal:
    file = tmp_path / "schema.sql"
    file.write_text(text, encoding="utf-8")
    return propose(read_schema_file(file))


def places(proposal: Proposal, role: str) -> list[str]:
    return [str(place) for place in proposal.accounts[0].columns[role]]


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("user_join int", "created_at"),
        ("lastSignedIn timestamp", "last_seen_at"),
        ("user_loginname varchar(80)", "name"),
    ],
)
def test_unusual_names_of_times_and_log_ins(column: str, role: str, tmp_path: Path) -> None:
    assert places(found(tmp_path, PEOPLE.format(f", {column}")), role) == [f"users.{column.split()[0]}"]


@pytest.mark.parametrize("column", ["can_join int", "auto_join timestamp", "join_rule text", "user_join smallint"])
def test_what_is_about_joining_is_no_creation(column: str, tmp_path: Path) -> None:
    assert places(found(tmp_path, PEOPLE.format(f", {column}")), "created_at") == []


@pytest.mark.parametrize("column", ["logins int", "user_visits int", "Logons bigint"])
def test_how_often_somebody_came_is_not_when(column: str, tmp_path: Path) -> None:
    assert places(found(tmp_path, PEOPLE.format(f", {column}")), "last_seen_at") == []


def test_a_number_that_says_when_somebody_logged_in_stays_one(tmp_path: Path) -> None:
    assert places(found(tmp_path, PEOPLE.format(", login int")), "last_seen_at") == ["users.login"]


def test_first_and_last_beside_a_log_in_are_names(tmp_path: Path) -> None:
    text = PEOPLE.format(", first varchar(50), last varchar(50)")
    assert places(found(tmp_path, text), "name") == ["users.first", "users.last"]


@pytest.mark.parametrize("columns", ["first int, last int", "first varchar(50)", "first_page text, last_page text"])
def test_the_first_and_the_last_of_something_else_are_none(columns: str, tmp_path: Path) -> None:
    text = PEOPLE.format(f", {columns}") + "CREATE TABLE ranges (id int PRIMARY KEY, first text, last text);"
    proposal = found(tmp_path, text)
    assert [account.table for account in proposal.accounts] == ["users"]
    assert places(proposal, "name") == []


def test_when_somebody_went_is_when_they_were_last_there(tmp_path: Path) -> None:
    text = """
        CREATE TABLE member (username varchar(64) PRIMARY KEY, email text, password text);
        CREATE TABLE presence (username varchar(64) PRIMARY KEY, offline_date varchar(15));
        CREATE TABLE security_audit_log (id int PRIMARY KEY, username varchar(64), entry_stamp bigint, summary text);
    """
    assert places(found(tmp_path, text), "last_seen_at") == ["presence.offline_date"]


def test_whom_a_mailing_went_to_and_who_is_in_an_address_book_is_somebody_else(tmp_path: Path) -> None:
    text = (
        PEOPLE.format(", name text")
        + """
        CREATE TABLE mail_recipients (target_id int PRIMARY KEY, recipient_id int, recipient_email text,
                                      recipient_name text, send_date int);
        CREATE TABLE addressbook_email (id int PRIMARY KEY, user_id int REFERENCES users(id), email text);
        CREATE TABLE user_emails (id int PRIMARY KEY, user_id int REFERENCES users(id), email text);
    """
    )
    proposal = found(tmp_path, text)
    assert places(proposal, "email") == ["users.email", "user_emails.email"]
    assert places(proposal, "name") == ["users.name"]


def test_what_a_profile_is_called_is_not_what_the_person_is_called(tmp_path: Path) -> None:
    profile = "CREATE TABLE profile (id int PRIMARY KEY, user_id int, profile_name text, {} birth_date date);"
    other = found(tmp_path, PEOPLE.format("") + profile.format("name text,"))
    assert places(other, "name") == ["profile.name"]
    assert places(found(tmp_path, PEOPLE.format("") + profile.format("")), "name") == ["profile.profile_name"]


def test_who_is_in_a_room_and_links_to_other_log_ins_are_no_accounts(tmp_path: Path) -> None:
    text = (
        PEOPLE.format(", name text, created_at timestamp")
        + """
        CREATE TABLE room_member (room_id int, address text, nickname text, first_name text, last_name text, email text,
                                  PRIMARY KEY (room_id, address));
        CREATE TABLE accounts (id text PRIMARY KEY, user_id int REFERENCES users(id), provider text, password text,
                               provider_account_id text, access_token text, created_at timestamp);
        CREATE TABLE calendars (id text PRIMARY KEY, account_id text REFERENCES accounts(id));
    """
    )
    assert [account.table for account in found(tmp_path, text).accounts] == ["users"]


def test_who_logs_in_with_an_address_or_rents_a_room_is_a_person(tmp_path: Path) -> None:
    text = """
        CREATE TABLE accounts (id int PRIMARY KEY, provider text, email text, password text);
        CREATE TABLE room_guest (guest_id int PRIMARY KEY, room_id int, first_name text, last_name text, email text);
    """
    assert {account.table for account in found(tmp_path, text).accounts} == {"accounts", "room_guest"}


NO_ADDRESS = "Who came from an address: no IP address is recorded anywhere for these accounts."


def test_a_uid_after_the_prefix_of_all_columns_names_a_person(tmp_path: Path) -> None:
    text = (
        PEOPLE.format("")
        + """
        CREATE TABLE remarks (com_id int PRIMARY KEY, com_uid int DEFAULT 0, com_ip varchar(45), com_created int);
        CREATE TABLE diary_events (ev_id int PRIMARY KEY, ev_uid varchar(255), ev_from int, ev_to int);
    """
    )
    proposal = found(tmp_path, text)
    assert places(proposal, "ip") == ["remarks.com_ip"]
    assert NO_ADDRESS not in proposal.cannot_answer
    assert {trail.table for trail in proposal.trails} == {"remarks"}


def test_an_address_that_no_key_ties_to_a_person_is_said(tmp_path: Path) -> None:
    text = PEOPLE.format("") + "CREATE TABLE calls (id int PRIMARY KEY, client_ip inet, made_at timestamp);"
    said = (
        "Who came from an address: some stand in calls.client_ip, but nothing was found that ties them to a person and "
        "a time."
    )
    assert said in found(tmp_path, text).cannot_answer
    assert NO_ADDRESS in found(tmp_path, PEOPLE.format("")).cannot_answer


ADDRESSES = """
    CREATE TABLE address_book (id int PRIMARY KEY, user_id int NOT NULL, first_name text, last_name text, street text,
                               city text, country varchar(2));
"""


def test_names_in_an_address_book_are_not_the_accounts_where_it_says_its_own(tmp_path: Path) -> None:
    named = PEOPLE.format(", first_name text, last_name text") + ADDRESSES
    assert places(found(tmp_path, named), "name") == ["users.first_name", "users.last_name"]
    nameless = PEOPLE.format("") + ADDRESSES
    assert places(found(tmp_path, nameless), "name") == ["address_book.first_name", "address_book.last_name"]


LOGS_IN = "CREATE TABLE user (id int PRIMARY KEY, username {}, password text, firstname text, lastname text{});"
LOOK = "Where to write to: user.username is what people log in with, a name or their e-mail address: look."


@pytest.mark.parametrize("kind", ["varchar(175)", "text"])
def test_a_user_name_may_be_the_address_where_nothing_else_is(kind: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, LOGS_IN.format(kind, ", phone text"))
    assert places(proposal, "email") == ["user.username"]
    assert places(proposal, "name") == ["user.firstname", "user.lastname", "user.username"]
    assert LOOK in proposal.cannot_answer
    assert "a name or their e-mail address; look at some" in map_text(proposal, proposal.accounts[0])


@pytest.mark.parametrize(("kind", "others"), [("varchar(32)", ", phone text"), ("varchar(175)", "")])
def test_a_user_name_that_is_short_or_without_a_profile_is_no_address(kind: str, others: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, LOGS_IN.format(kind, others))
    assert places(proposal, "email") == []
    assert LOOK not in proposal.cannot_answer


@pytest.mark.parametrize(("logged_in_with", "email"), [("ann", []), ("ann@mail.example", ["user.username"])])
def test_a_sample_settles_what_a_user_name_is(logged_in_with: str, email: list[str], tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(LOGS_IN.format("varchar(175)", ", phone text"))
        connection.execute("INSERT INTO user VALUES (1, ?, 'x', 'Ann', 'Lee', '+3725550001')", (logged_in_with,))
    proposal = propose(read_live(f"sqlite:///{file}", sample=True))
    assert places(proposal, "email") == email
    assert LOOK not in proposal.cannot_answer


def test_when_somebody_last_came_stands_in_the_row_beside(tmp_path: Path) -> None:
    text = PEOPLE.format("") + "CREATE TABLE users_info (users_info_id int PRIMARY KEY, {} timestamp, note_count int);"
    for column in ("users_info_date_of_last_logon", "last_active_date"):
        assert places(found(tmp_path, text.format(column)), "last_seen_at") == [f"users_info.{column}"]
    assert places(found(tmp_path, text.format("last_report_date")), "last_seen_at") == []


def test_sqlite_tells_of_one_row_for_each_person(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(
            PEOPLE.format("")
            + """CREATE TABLE "accounts_profile" ("id" integer PRIMARY KEY, "user_id" integer NOT NULL UNIQUE
                 REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED, "last_active_date" datetime);"""
        )
    proposal = propose(read_live(f"sqlite:///{file}", sample=False))
    assert places(proposal, "last_seen_at") == ["accounts_profile.last_active_date"]


@pytest.mark.parametrize(
    ("columns", "firms"),
    [
        ("email text, phone text", True),
        ("email text, contact_name text", False),
        ("email text, first_name text", False),
        ("email text, password text", False),
    ],
)
def test_who_supplies_a_shop_is_a_firm_unless_somebody_is_named(columns: str, firms: bool, tmp_path: Path) -> None:
    text = PEOPLE.format("") + f"CREATE TABLE suppliers (id int PRIMARY KEY, code text, name text, {columns});"
    tables = [account.table for account in found(tmp_path, text).accounts]
    assert tables == ["users"] if firms else set(tables) == {"users", "suppliers"}


def test_a_small_number_says_whether_and_not_when(tmp_path: Path) -> None:
    assert places(found(tmp_path, PEOPLE.format(", published int(1)")), "created_at") == []
    assert places(found(tmp_path, PEOPLE.format(", published datetime")), "created_at") == ["users.published"]


INVOICES = "".join(
    f"CREATE TABLE ip_{name} (id int PRIMARY KEY, user_id int, {name}_date date);"
    for name in ("invoices", "quotes", "notes", "payments", "uploads", "projects", "tasks")
)


def test_a_prefix_of_all_tables_speaks_of_no_addresses(tmp_path: Path) -> None:
    users = PEOPLE.format("").replace("TABLE users", "TABLE ip_users")
    proposal = found(tmp_path, users + INVOICES)
    assert [account.table for account in proposal.accounts] == ["ip_users"]
    assert places(proposal, "last_seen_at") == []
    assert proposal.trails == ()


def test_where_only_some_tables_are_about_addresses_the_word_counts(tmp_path: Path) -> None:
    text = "CREATE TABLE ip_log (id int PRIMARY KEY, user_id int, address inet, seen_at timestamp);"
    assert {trail.table for trail in found(tmp_path, PEOPLE.format("") + text).trails} == {"ip_log"}


def test_a_type_is_an_address_only_by_its_whole_name(tmp_path: Path) -> None:
    text = """
        CREATE TABLE hooks (id int PRIMARY KEY, user_id int REFERENCES users(id), triggers public."PipelineTriggers"[],
                            came_from inet, made_at timestamp);
    """
    proposal = found(tmp_path, PEOPLE.format("") + text)
    ips = {str(hold.place) for hold in proposal.holds if hold.category == "user.device.ip_address"}
    assert ips == {"hooks.came_from"}
