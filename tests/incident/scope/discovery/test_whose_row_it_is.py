"""Names, times and addresses that are easily taken for somebody else's, or not seen at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose

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
