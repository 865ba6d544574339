"""What lies beside the account table: side tables, guests, address books, times, tokens; and the map proposed."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.discovery import show
from incident.scope.discovery.catalogue import Catalogue
from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.live import read_live
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.mapfile import read_datamap

PEOPLE = """
    CREATE TABLE auth_user (id int PRIMARY KEY, username varchar(99), email varchar(99), password varchar(99),
                            date_joined timestamp);
"""


@pytest.fixture
def programme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path / "workspace", capsys)


def schema(tmp_path: Path, text: str) -> Catalogue:
    file = tmp_path / "schema.sql"
    file.write_text(text, encoding="utf-8")
    return read_schema_file(file)


def found(tmp_path: Path, text: str) -> Proposal:
    return propose(schema(tmp_path, text))


def written(proposal: Proposal, tmp_path: Path, number: int = 0) -> tuple[str, dict[str, Any]]:
    """The map's text, and what it says; one that cannot be read fails."""
    text = map_text(proposal, (*proposal.accounts, *proposal.guests)[number])
    file = tmp_path / "map.toml"
    file.write_text(text, encoding="utf-8")
    read_datamap(file)
    return text, tomllib.loads(text)


def places(proposal: Proposal, role: str) -> list[str]:
    return [str(place) for place in proposal.accounts[0].columns[role]]


SIDE = [
    "shop_profile", "app_userprofile", "customer_details", "user_info", "member_data", "account_extension", "extra",
    "user_settings", "kundendaten", "preferences",
]  # fmt: skip


@pytest.mark.parametrize("key", ["user_id int PRIMARY KEY", "id int PRIMARY KEY, user_id int NOT NULL UNIQUE"])
@pytest.mark.parametrize("name", SIDE)
def test_one_row_for_each_person_is_the_persons_whatever_it_is_called(name: str, key: str, tmp_path: Path) -> None:
    columns = "birth_date date, country varchar(2), language varchar(9), first_name text, last_name text, phone text"
    proposal = found(tmp_path, f"{PEOPLE} CREATE TABLE {name} ({key}, {columns});")
    assert [account.table for account in proposal.accounts] == ["auth_user"]
    for role, column in (("birth_date", "birth_date"), ("country", "country"), ("locale", "language")):
        assert places(proposal, role) == [f"{name}.{column}"]
    assert places(proposal, "name")[:2] == [f"{name}.first_name", f"{name}.last_name"]
    _, said = written(proposal, tmp_path)
    assert said["accounts"]["birth_date"] == {"column": "birth_date", "table": name}
    assert said["related"][0]["path"] == [f"{name}.user_id = auth_user.id"]
    assert not [sentence for sentence in proposal.cannot_answer if "birth" in sentence or "child" in sentence]


def test_rows_of_which_a_person_has_several_are_not_the_person(tmp_path: Path) -> None:
    text = PEOPLE + "CREATE TABLE travellers (id int PRIMARY KEY, user_id int, first_name text, birth_date date);"
    proposal = found(tmp_path, text)
    assert places(proposal, "birth_date") == []
    (said,) = [sentence for sentence in proposal.cannot_answer if sentence.startswith("Who is a child")]
    assert "travellers.birth_date does, and was not taken for theirs" in said


def test_none_was_found_is_said_only_where_none_was(tmp_path: Path) -> None:
    assert "Who is a child: no birth date was found for auth_user." in found(tmp_path, PEOPLE).cannot_answer


def test_a_side_table_that_shares_the_key_tells_when_the_account_was_made(tmp_path: Path) -> None:
    text = """
        CREATE TABLE members (members_id int PRIMARY KEY, members_email varchar(99), members_password varchar(99));
        CREATE TABLE members_info (members_info_id int PRIMARY KEY, members_info_date_of_last_logon timestamp,
                                   members_info_date_account_created timestamp);
    """
    proposal = found(tmp_path, text)
    (created,) = proposal.accounts[0].columns["created_at"]
    assert (str(created), created.way.hops, created.way.declared) == (
        "members_info.members_info_date_account_created",
        ("members_info.members_info_id = members.members_id",),
        False,
    )


def test_columns_that_were_not_understood_are_listed(tmp_path: Path) -> None:
    text = (
        "CREATE TABLE users (id int PRIMARY KEY, email text, password text, xq text, active int, updated_at timestamp);"
    )
    proposal = found(tmp_path, text)
    assert proposal.accounts[0].not_understood == ("xq", "active")
    assert any("Not understood: xq, active" in line for line in show.lines(proposal, "x.sql", None))
    assert show.document(proposal)["accounts"][0]["not_understood"] == ["xq", "active"]
    assert "# Not understood: xq, active." in written(proposal, tmp_path)[0]


COMMENTS = (
    PEOPLE
    + """
    CREATE TABLE comments (id bigint PRIMARY KEY, user_id bigint NOT NULL DEFAULT 0, author text, author_email text,
                           ip varchar(45), comment_date timestamp, comment_date_gmt timestamp, body text);
    CREATE TABLE log_in (id bigint PRIMARY KEY, user_id bigint NOT NULL, ip varchar(45), created_at timestamptz);
    """
)


def test_the_time_in_utc_is_taken_and_an_open_zone_is_said(tmp_path: Path) -> None:
    text, said = written(found(tmp_path, COMMENTS), tmp_path)
    trails = {trail["table"]: trail for trail in said["trail"]}
    assert trails["comments"]["at"] == "comment_date_gmt"
    assert 'created_at = "date_joined"  # its name; read as UTC unless zone = "…" is added' in text
    assert 'at = "comment_date_gmt"\n' in text
    assert 'at = "created_at"\n' in text


def test_an_account_with_its_twin_in_utc_is_read_by_that(tmp_path: Path) -> None:
    text = "CREATE TABLE users (id int PRIMARY KEY, email text, pwd text, CreatedOn datetime, CreatedOnUtc datetime);"
    assert places(found(tmp_path, text), "created_at") == ["users.CreatedOnUtc"]


@pytest.mark.parametrize(
    ("account", "nobody"),
    [
        ("user_id bigint NOT NULL DEFAULT 0", ["0"]),
        ("user_id bigint DEFAULT '0'", ["0"]),
        ("user_id bigint NOT NULL", ["0"]),
        ("user_id bigint", None),
        ("user_id int NOT NULL REFERENCES auth_user(id)", None),
    ],
)
def test_what_stands_where_nobody_with_an_account_did_it(account: str, nobody: object, tmp_path: Path) -> None:
    text = COMMENTS.replace("user_id bigint NOT NULL DEFAULT 0", account)
    _, said = written(found(tmp_path, text), tmp_path)
    trails = {trail["table"]: trail for trail in said["trail"]}
    assert trails["comments"].get("nobody") == nobody
    assert "nobody" not in trails["log_in"]


def test_defaults_are_read_from_a_database_too(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(COMMENTS)
    proposal = propose(read_live(f"sqlite:///{file}", sample=False))
    assert {trail.table: trail.nobody for trail in proposal.trails} == {"comments": ("0",), "log_in": ()}


def test_what_a_sample_found_in_rows_and_documents_is_held(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(
            """CREATE TABLE users (id int PRIMARY KEY, email text, password text, extras text);
            CREATE TABLE user_meta (id integer PRIMARY KEY, user_id int, meta_key text, meta_value text);
            INSERT INTO users VALUES (1, 'ann@mail.example', 'x', '{"phone": "+3725550001"}');
            INSERT INTO user_meta VALUES (1, 1, 'billing_phone', '+3725550001');"""
        )
    proposal = propose(read_live(f"sqlite:///{file}", sample=True))
    holds = written(proposal, tmp_path)[1]["holds"]
    assert holds["user_meta.meta_value[meta_key=billing_phone]"] == ["user.contact.phone_number"]
    assert holds["extras->phone"] == ["user.contact.phone_number"]


@pytest.mark.parametrize(
    ("columns", "span"),
    [
        ("issued_at timestamp, revoked_at timestamp", ("issued_at", "revoked_at")),
        ("connected_at timestamp, disconnected_at timestamp", ("connected_at", "disconnected_at")),
        ("created_at timestamp, expires_at timestamp, deleted_at timestamp", ("created_at", "deleted_at")),
        ("created_at timestamp, expires_at timestamp", ("created_at", None)),
        ("started_at timestamp, ended_at timestamp", (None, None)),
    ],
)
def test_from_when_to_when_a_token_was_there(columns: str, span: tuple[str | None, str | None], tmp_path: Path) -> None:
    text = f"{PEOPLE} CREATE TABLE links (id int PRIMARY KEY, user_id int, access_token text, {columns});"
    (related,) = written(found(tmp_path, text), tmp_path)[1]["related"]
    assert (related.get("created_at"), related.get("deleted_at")) == span


GUESTS = PEOPLE + "CREATE TABLE shop_order (id int PRIMARY KEY, user_id int{}, guest_email text, total numeric);"


@pytest.mark.parametrize(
    ("account", "only"), [("", "user_id IS NULL"), (" NOT NULL DEFAULT 0", "user_id IS NULL OR user_id = 0")]
)
def test_people_without_an_account_are_said_and_have_a_map(account: str, only: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, GUESTS.format(account))
    said = "People without an account stand in shop_order.guest_email; a scope of auth_user does not find them."
    assert any(sentence.startswith(said) for sentence in proposal.cannot_answer)
    (other,) = show.document(proposal)["without_account"]
    assert (other["table"], other["columns"]["email"], other["filter"]) == (
        "shop_order", ["shop_order.guest_email"], only,
    )  # fmt: skip
    _, map_ = written(proposal, tmp_path, 1)
    assert (map_["accounts"]["filter"], map_["accounts"]["email"]) == (only, "guest_email")
    assert map_["holds"]["guest_email"] == ["user.contact.email"]


def test_an_order_that_must_name_its_account_has_no_guests(tmp_path: Path) -> None:
    assert not found(tmp_path, GUESTS.format(" NOT NULL")).guests


def test_the_guests_map_finds_the_guests(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(
            GUESTS.format("")
            + """INSERT INTO auth_user VALUES (1, 'ann', 'ann@mail.example', 'x', '2026-01-01 00:00:00');
            INSERT INTO shop_order VALUES (1, 1, NULL, 5), (2, NULL, 'bo@mail.example', 6),
                (3, NULL, 'cy@mail.example', 7);"""
        )
    out = tmp_path / "guests.toml"
    programme.ok("scope", "discover", file, "--out", out, "--table", "shop_order")
    programme.ok("open", "a breach")
    answer = programme.json("scope", "run", "--database", f"sqlite:///{file}", "--map", out, "--everyone")
    assert answer["accounts"] == 2


def test_actors_tenants_and_address_books_are_no_accounts(tmp_path: Path) -> None:
    text = """
        CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid, email text, password text, created_time timestamp);
        CREATE TABLE tenant (id uuid PRIMARY KEY, name text, email text, phone text, created_time timestamp);
        CREATE TABLE device (id uuid PRIMARY KEY, tenant_id uuid);
        CREATE TABLE actor (actor_id int PRIMARY KEY, first_name text, last_name text);
        CREATE TABLE film_actor (film_id int, actor_id int, PRIMARY KEY (film_id, actor_id));
        CREATE TABLE contacts (id int PRIMARY KEY, user_id uuid NOT NULL, name text, email text, firstname text);
    """
    proposal = found(tmp_path, text)
    assert [account.table for account in proposal.accounts] == ["users"]
    assert places(proposal, "email") == ["users.email"]
    assert [account.table for account in proposal.guests] == ["contacts"]


def test_contacts_who_are_whom_a_company_knows_stay_people(tmp_path: Path) -> None:
    text = "CREATE TABLE contacts (id int PRIMARY KEY, company_id int, name text, email text, firstname text);"
    assert [account.table for account in found(tmp_path, text).accounts] == ["contacts"]


def test_an_address_is_known_by_its_type_or_as_a_number(tmp_path: Path) -> None:
    text = """
        CREATE TABLE users (id int PRIMARY KEY, email text, password text, creation_address inet, allowed_range cidr);
        CREATE TABLE ip_changes (ipc_rev_id int PRIMARY KEY, ipc_hex bytea);
    """
    proposal = found(tmp_path, text)
    assert places(proposal, "ip") == ["users.creation_address"]
    assert "ip_changes.ipc_hex" in {str(hold.place) for hold in proposal.holds}


@pytest.mark.parametrize("name", ["map.toml", "people.csv", "empty.sql", "dump.pg"])
def test_a_file_that_is_neither_a_database_nor_sql_is_refused(name: str, programme: Programme, tmp_path: Path) -> None:
    content = {"map.toml": "[accounts]\ntable = 'users'\n", "people.csv": "id,email\n1,ann@mail.example\n"}
    file = tmp_path / name
    file.write_text("PGDMP\0" if name == "dump.pg" else content.get(name, ""), encoding="utf-8")
    result = programme.run("scope", "discover", file, "--out", tmp_path / "out.toml")
    assert result.code == 2
    assert "is neither an SQLite database nor SQL" in result.err
    assert ("pg_restore" in result.err) == (name == "dump.pg")
    assert not (tmp_path / "out.toml").exists()


def test_the_proposed_map_tells_whose_token_was_there_at_a_time(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(
            PEOPLE
            + """CREATE TABLE links (id int PRIMARY KEY, user_id int, provider text, access_token text,
                                     connected_at timestamp, disconnected_at timestamp);
            INSERT INTO auth_user VALUES (1, 'ann', 'ann@mail.example', 'x', '2025-01-01 00:00:00'),
                (2, 'bo', 'bo@mail.example', 'x', '2025-01-01 00:00:00');
            INSERT INTO links VALUES (1, 1, 'a', 'x', '2026-01-01 00:00:00', '2026-02-01 00:00:00'),
                (2, 2, 'a', 'x', '2026-01-01 00:00:00', NULL);"""
        )
    out = tmp_path / "site.toml"
    programme.ok("scope", "discover", file, "--out", out)
    programme.ok("open", "a breach")
    asked = ("--holding", "user.authorization.third_party_token", "--held", "2026-03-01..2026-03-02")
    answer = programme.json("scope", "run", "--database", f"sqlite:///{file}", "--map", out, *asked)
    assert answer["accounts"] == 1
