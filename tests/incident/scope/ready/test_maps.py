"""The ready maps as files, what is recognised of a catalogue, and what happens where it is not clear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programme import Programme

from incident.datafile import read_datafile
from incident.scope.datamap import DataMap, TableName
from incident.scope.mapfile import datamap_of, read_datamap
from incident.scope.maptext import found_text, map_text
from incident.scope.predicate import looks_secret
from incident.scope.ready import Ready, detect, ready_maps

_IDS = {
    "authjs", "devise", "django", "keycloak", "supabase-auth", "woocommerce-guests", "wordpress", "wordpress-guests",
}  # fmt: skip
Tables = dict[TableName, list[str]]


def columns_named(datamap: DataMap) -> Iterator[tuple[TableName, str]]:
    """Every column a map speaks of, secrets included."""
    for table, columns in datamap.columns_read().items():
        yield from ((table, column) for column in columns)
    yield from ((secret.table, secret.column) for secret in datamap.secrets)
    yield from ((secret.table, column) for secret in datamap.secrets for column, _ in secret.where)
    for value in datamap.holds:
        assert value.table is not None
        yield from ((value.table, column) for column in (value.column, *(name for name, _ in value.where)))


def own_tables(ready: Ready) -> Tables:
    """A catalogue with everything the map speaks of, by the names it uses."""
    tables: dict[TableName, dict[str, None]] = {}
    needed = [(ready.datamap.accounts.table, column) for column in ready.habits.filter_needs]
    for table, column in (*ready.habits.signs, *ready.habits.one_of, *needed, *columns_named(ready.datamap)):
        tables.setdefault(table, {})[column] = None
    return {table: list(columns) for table, columns in tables.items()}


def test_every_ready_map_ships_and_says_what_it_cannot_answer() -> None:
    maps = {ready.id: ready for ready in ready_maps()}
    assert set(maps) == _IDS
    for ready in maps.values():
        assert ready.cannot_answer
        assert ready.traps
        assert ready.source
        for sentence in (*ready.cannot_answer, *ready.traps):
            assert sentence.endswith(".")
            assert "\n" not in sentence
        assert ready.beside is None or ready.beside in maps


@pytest.mark.parametrize("ready", ready_maps(), ids=lambda ready: ready.id)
def test_a_ready_map_is_a_data_map_with_a_head(ready: Ready) -> None:
    file = resources.files("incident.scope").joinpath("maps", f"{ready.id}.toml")
    root = read_datafile(file, name=ready.id)
    root.section("ready")
    assert datamap_of(root) == DataMap(ready.id, *list(vars(ready.datamap).values())[1:])


@pytest.mark.parametrize("ready", ready_maps(), ids=lambda ready: ready.id)
def test_it_fits_its_own_tables_whole_and_reads_back_as_written(ready: Ready, tmp_path: Path) -> None:
    found = [one for one in detect(own_tables(ready)) if one.ready.id == ready.id]
    assert [one.name for one in found] == [ready.id]
    assert not found[0].left_out
    (tmp_path / "map.toml").write_text(found_text(found[0]), encoding="utf-8")
    read = read_datamap(tmp_path / "map.toml")
    assert vars(read) == {**vars(found[0].datamap), "file": read.file}
    assert map_text(read) == map_text(found[0].datamap)


@pytest.mark.parametrize("ready", ready_maps(), ids=lambda ready: ready.id)
def test_whatever_looks_secret_is_named_as_one(ready: Ready) -> None:
    named = {(secret.table, secret.column) for secret in ready.datamap.secrets}
    for value in ready.datamap.holds:
        if looks_secret(value.column):
            assert (value.table, value.column) in named
    assert not [secret for secret in ready.datamap.secrets for column, _ in secret.where if not column]


@pytest.mark.parametrize("ready", ready_maps(), ids=lambda ready: ready.id)
@given(data=st.data())
def test_any_part_may_be_missing(ready: Ready, data: st.DataObject) -> None:
    """What is left always reads back, names nothing that is not there, and keeps its secrets."""
    whole = own_tables(ready)
    needed = {*ready.habits.signs, *ready.habits.one_of}
    optional = [
        (table, column) for table, columns in whole.items() for column in columns if (table, column) not in needed
    ]
    gone = set(data.draw(st.lists(st.sampled_from(optional), max_size=30)))
    tables = {table: [one for one in columns if (table, one) not in gone] for table, columns in whole.items()}
    tables = {table: columns for table, columns in tables.items() if columns}
    (found,) = [one for one in detect(tables) if one.ready.id == ready.id]
    for table, columns in found.datamap.columns_read().items():
        assert set(columns) <= set(tables[table])
    assert {secret.table for secret in found.datamap.secrets} == {
        secret.table for secret in ready.datamap.secrets if secret.table in tables
    }


def test_another_product_s_users_are_not_taken_for_one() -> None:
    plain: Tables = {
        TableName("users"): ["id", "email", "password", "last_login"],
        TableName("accounts"): ["id", "userId", "balance"],
        TableName("user_entity"): ["id", "username", "email"],
        TableName("usermeta"): ["user_id", "meta_key", "meta_value"],
        TableName("comments"): ["id", "user_id"],
    }
    assert detect(plain) == ()


def test_a_schema_that_has_to_be_named_is_named() -> None:
    beside = own_tables(next(ready for ready in ready_maps() if ready.id == "keycloak"))
    tables = {TableName(table.name, "sso"): columns for table, columns in beside.items()}
    tables[TableName("user_attribute")] = ["id", "user_id"]  # of another schema, and not Keycloak's
    (found,) = detect(tables)
    assert found.datamap.accounts.table == TableName("user_entity", "sso")
    assert {one.table.schema for one in found.datamap.related} == {"sso"}


def test_two_stores_in_one_database_are_both_found() -> None:
    supabase = own_tables(next(ready for ready in ready_maps() if ready.id == "supabase-auth"))
    authjs = own_tables(next(ready for ready in ready_maps() if ready.id == "authjs"))
    assert [one.name for one in detect({**supabase, **authjs})] == ["authjs", "supabase-auth"]


def test_where_none_fits_the_way_on_is_said(sqlite_database: Any, ask: Callable[..., Any]) -> None:
    sqlite_database.run("CREATE TABLE users (id integer, email text)")
    error = ask(sqlite_database.url, "--everyone", expect=2).err
    assert "No ready map fits" in error
    assert "Supabase Auth" in error
    assert "incident scope discover URL --out accounts.toml" in error


def devise(database: Any) -> Any:
    columns = "id integer PRIMARY KEY, email text, encrypted_password text, remember_created_at text, created_at text"
    database.run(f"CREATE TABLE users ({columns})")
    database.fill("users", {"id": 1, "email": "one@example.com", "encrypted_password": "x", "created_at": "2026-01-01"})
    return database


def test_the_map_written_out_gives_the_same_list_and_is_the_one_recorded(
    sqlite_database: Any, ask: Callable[..., Any], tmp_path: Path
) -> None:
    devise(sqlite_database)
    ready = ask(sqlite_database.url, "--everyone").document
    (found,) = detect({TableName("users"): ["id", "email", "encrypted_password", "remember_created_at", "created_at"]})
    written = tmp_path / "written.toml"
    written.write_text(found_text(found), encoding="utf-8")
    by_file = ask(sqlite_database.url, "--map", str(written), "--everyone").document
    assert ready["digest"] == by_file["digest"]
    digest = "sha256:" + sha256(written.read_bytes()).hexdigest()
    assert ready["maps"] == {"": {"map": "the ready map devise", "digest": digest}}
    assert by_file["maps"] == {"": {"map": "written.toml", "digest": digest}}


def test_a_map_of_one_s_own_is_asked_no_ready_map(sqlite_database: Any, breach: Programme, tmp_path: Path) -> None:
    devise(sqlite_database)
    (tmp_path / "own.toml").write_text('[accounts]\ntable = "users"\nkey = "id"\n', encoding="utf-8")
    words = ["scope", "run", "--database", sqlite_database.url, "--everyone", "--map", str(tmp_path / "own.toml")]
    assert "ready map" not in breach.ok(*words).err
    assert "--ready and --map do not go together" in breach.run(*words, "--ready", "devise").err


def test_a_profile_may_leave_the_map_to_the_program(sqlite_database: Any, breach: Programme) -> None:
    devise(sqlite_database)
    profile = breach.folder / "organisation.toml"
    profile.write_text(
        '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
        '[[accounts]]\nname = "main"\nurl_env = "ACCOUNTS_URL"\n',
        encoding="utf-8",
    )
    breach.environ["ACCOUNTS_URL"] = sqlite_database.url
    result = breach.ok("scope", "run", "--everyone")
    assert "Map: the ready map devise" in result.err
    assert "map                 the ready map devise" in result.out


def test_what_a_role_may_not_read_is_left_out(postgres_database: Any, ask: Callable[..., Any]) -> None:
    import servers

    devise(postgres_database)
    postgres_database.run("CREATE TABLE identities (id integer, user_id integer, uid text, token text)")
    role, password = servers.PASSWORD_ROLE
    columns = "id, email, encrypted_password, remember_created_at"
    postgres_database.run(f"GRANT SELECT ({columns}) ON users TO {role}")
    answer = ask(servers.with_user(postgres_database.url, role, password), "--everyone")
    assert answer.keys == {"1"}
    assert "the table identities" in answer.err
    assert "when an account was made" in answer.err


def test_discovery_names_the_ready_maps_that_fit_and_writes_one(
    sqlite_database: Any, breach: Programme, tmp_path: Path
) -> None:
    devise(sqlite_database)
    shown = breach.json("scope", "discover", sqlite_database.url)
    assert [one["name"] for one in shown["ready_maps"]] == ["devise"]
    out = tmp_path / "accounts.toml"
    words = ["scope", "discover", sqlite_database.url, "--ready", "devise"]
    assert "--ready goes with --out" in breach.run(*words).err
    breach.ok(*words, "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    breach.ok("scope", "run", "--database", sqlite_database.url, "--map", str(out), "--everyone")
    assert 'No ready map "wordpress" fits' in breach.run(*words[:-1], "wordpress", "--out", str(tmp_path / "x")).err
