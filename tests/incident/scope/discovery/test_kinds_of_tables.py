"""Which tables have people, and where their values are, by kinds of schemas that are easily mistaken."""

from __future__ import annotations

from pathlib import Path

from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.mapfile import read_datamap

USERS = """
    CREATE TABLE users (id bigint PRIMARY KEY, username varchar(80) UNIQUE, email varchar(255), password varchar(255),
                        created_at timestamp);
    CREATE TABLE essays (id bigint PRIMARY KEY, user_id bigint, body text);
    CREATE TABLE votes (id bigint PRIMARY KEY, user_id bigint, essay_id bigint);
"""


def found(tmp_path: Path, text: str) -> Proposal:
    """The proposal for a schema, whose maps can all be read."""
    file = tmp_path / "schema.sql"
    file.write_text(text, encoding="utf-8")
    proposal = propose(read_schema_file(file))
    for account in proposal.accounts:
        written = tmp_path / "map.toml"
        written.write_text(map_text(proposal, account), encoding="utf-8")
        read_datamap(written)
    return proposal


def accounts(proposal: Proposal) -> list[str]:
    return [account.table for account in proposal.accounts]


def places(proposal: Proposal, role: str) -> list[str]:
    return [str(place) for place in proposal.accounts[0].columns[role]]


def test_machines_are_no_people(tmp_path: Path) -> None:
    text = (
        USERS
        + """
        CREATE TABLE hosts (id bigint PRIMARY KEY, name varchar(99), hostname varchar(99), snmp_username varchar(9),
                            snmp_password varchar(99), snmp_port int, ping_retries int, last_seen timestamp);
        CREATE TABLE samples (id bigint PRIMARY KEY, host_id bigint, value float);
        CREATE TABLE alarms (id bigint PRIMARY KEY, host_id bigint);
        """
    )
    assert accounts(found(tmp_path, text)) == ["users"]


def test_members_of_a_group_names_in_a_list_and_links_to_log_ins_are_no_accounts(tmp_path: Path) -> None:
    text = (
        USERS
        + """
        CREATE TABLE clubs (id bigint PRIMARY KEY, title text);
        CREATE TABLE club_member (club_id bigint, user_id bigint, name varchar(30), gender int,
                                  PRIMARY KEY (club_id, user_id));
        CREATE TABLE commit_diff_users (id bigint PRIMARY KEY, name text, email text);
        CREATE TABLE identities (provider_id text, user_id bigint REFERENCES users(id), provider text,
                                 email text, last_sign_in_at timestamp, created_at timestamp, id uuid PRIMARY KEY);
        """
    )
    assert accounts(found(tmp_path, text)) == ["users"]


def test_people_whom_only_their_log_ins_show(tmp_path: Path) -> None:
    proposal = found(
        tmp_path,
        """
        CREATE TABLE identities (id uuid PRIMARY KEY, traits jsonb NOT NULL, created_at timestamp);
        CREATE TABLE identity_credentials (id uuid PRIMARY KEY, config jsonb,
                                           identity_id uuid REFERENCES identities(id));
        CREATE TABLE sessions (id uuid PRIMARY KEY, token varchar(39), issued_at timestamp,
                               identity_id uuid REFERENCES identities(id));
        CREATE TABLE identity_addresses (id uuid PRIMARY KEY, via varchar(9), value varchar(400), verified boolean,
            verified_at timestamp, status text, created_at timestamp, updated_at timestamp, nid uuid, code_id uuid,
            identity_id uuid REFERENCES identities(id));
        """,
    )
    assert accounts(proposal) == ["identities"]
    assert places(proposal, "email") == ["identity_addresses.value[via=email]"]
    assert places(proposal, "created_at") == ["identities.created_at"]


def test_a_table_of_things_with_sessions_is_not_taken_for_people(tmp_path: Path) -> None:
    text = """
        CREATE TABLE films (id bigint PRIMARY KEY, name text);
        CREATE TABLE film_sessions (id bigint PRIMARY KEY, film_id bigint REFERENCES films(id));
        CREATE TABLE film_tokens (id bigint PRIMARY KEY, film_id bigint REFERENCES films(id));
    """
    assert accounts(found(tmp_path, text)) == []


def test_who_gets_a_report_or_is_on_a_label_is_held_and_is_not_the_account(tmp_path: Path) -> None:
    text = (
        USERS
        + """
        CREATE TABLE user_reports (id bigint PRIMARY KEY, user_id bigint, email varchar(99));
        CREATE TABLE labels (id bigint PRIMARY KEY, user_id bigint, email varchar(99), name varchar(99));
        CREATE TABLE user_mail (id bigint PRIMARY KEY, user_id bigint, sender_name text, subject text, body text);
        CREATE TABLE user_lists (id bigint PRIMARY KEY, list_name varchar(99), list_owner bigint);
        CREATE TABLE user_profiles (user_id bigint PRIMARY KEY, contact_email varchar(99), full_name text);
        """
    )
    proposal = found(tmp_path, text)
    assert places(proposal, "email") == ["users.email"]
    assert places(proposal, "name") == ["user_profiles.full_name", "users.username"]
    held = {str(hold.place) for hold in proposal.holds}
    assert {"user_reports.email", "labels.email", "user_profiles.contact_email"} <= held


def test_a_contact_beside_first_and_last_name_is_somebody_else(tmp_path: Path) -> None:
    text = """
        CREATE TABLE borrowers (borrower_id int PRIMARY KEY, firstname text, surname text, contactname text, email text,
                                userid varchar(30), password varchar(60));
    """
    proposal = found(tmp_path, text)
    assert places(proposal, "name") == ["borrowers.firstname", "borrowers.surname", "borrowers.userid"]


def test_a_row_that_is_the_persons_own_says_when_the_person_came(tmp_path: Path) -> None:
    text = """
        CREATE TABLE users (id bigint PRIMARY KEY, username varchar(99), email text, password text);
        CREATE TABLE user_infos (user_id bigint PRIMARY KEY, language text, registration_date timestamp);
        CREATE TABLE essays (id bigint PRIMARY KEY, user_id bigint, created_at timestamp);
    """
    proposal = found(tmp_path, text)
    assert places(proposal, "created_at") == ["user_infos.registration_date"]
    assert places(proposal, "locale") == ["user_infos.language"]


def test_a_log_that_names_people_by_what_they_log_in_with_says_when_they_were_there(tmp_path: Path) -> None:
    text = USERS + "CREATE TABLE audit_log (log_id bigint PRIMARY KEY, username varchar(80), op_time timestamp);"
    proposal = found(tmp_path, text)
    (place,) = proposal.accounts[0].columns["last_seen_at"]
    assert (str(place), place.way.hops) == ("audit_log.op_time", ("audit_log.username = users.username",))
    assert not proposal.trails  # a trail is asked by the key, and the log does not have it


def test_a_last_time_that_is_kept_as_a_text(tmp_path: Path) -> None:
    text = """
        CREATE TABLE users (username varchar(99) PRIMARY KEY, password text, created_at timestamp);
        CREATE TABLE last (username varchar(99) PRIMARY KEY, seconds text NOT NULL, state text);
        CREATE TABLE vcard_search (username varchar(99), card_id int PRIMARY KEY, email text, nickname text);
    """
    proposal = found(tmp_path, text)
    (place,) = proposal.accounts[0].columns["last_seen_at"]
    assert (str(place), place.unit) == ("last.seconds", "seconds")
    assert places(proposal, "email") == ["vcard_search.email"]


def test_a_copy_that_was_refreshed_says_nothing_of_the_person(tmp_path: Path) -> None:
    text = """
        CREATE TABLE person (id int PRIMARY KEY, name text, email text, password text, last_refreshed_at timestamp,
                             published timestamp);
        CREATE TABLE login_token (id int PRIMARY KEY, person_id int, token text, published timestamp, ip text);
    """
    proposal = found(tmp_path, text)
    assert places(proposal, "last_seen_at") == ["login_token.published"]
    assert places(proposal, "created_at") == ["person.published"]


def test_the_host_of_a_program_is_no_address_of_a_person(tmp_path: Path) -> None:
    text = (
        USERS + "CREATE TABLE players (id int PRIMARY KEY, owner int, host text, port int, access smallint, useip int);"
    )
    proposal = found(tmp_path, text)
    assert not proposal.trails
    assert "user.device.ip_address" not in {hold.category for hold in proposal.holds}


def test_no_path_goes_along_a_secret(tmp_path: Path) -> None:
    text = (
        USERS
        + """
        CREATE TABLE sessions (session_id char(32) PRIMARY KEY, user_id bigint, last_seen int);
        CREATE TABLE confirmations (confirm_id char(32), session_id char(32), email text,
                                    PRIMARY KEY (session_id, confirm_id));
        """
    )
    proposal = found(tmp_path, text)
    assert {"sessions.session_id", "confirmations.session_id"} <= set(proposal.secrets)
    assert [hold.account for hold in proposal.holds if str(hold.place) == "confirmations.email"] == [None]
