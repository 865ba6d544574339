"""`incident scope discover`, as it is typed."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from programme import FIVE_PAST_THREE, Programme

from incident.scope.mapfile import read_datamap
from playbooks.samples.samples import make_databases, sample_named

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture
def programme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path / "workspace", capsys)


def test_the_screen_says_what_was_found_and_the_next_step(programme: Programme) -> None:
    result = programme.ok("scope", "discover", SCHEMAS / "devise.sql")
    for words in (
        "The account table: users, key id",
        "Also people: admins, key id",
        "users.reset_password_token",
        "What it cannot answer",
        "addresses.addressable_id = users.id",
        "Next: incident scope discover",
    ):
        assert words in result.out
    assert not (programme.folder).exists()


def test_the_document_has_the_form_of_the_contract(programme: Programme) -> None:
    document = programme.json("scope", "discover", SCHEMAS / "keycloak.sql")
    best = document["accounts"][0]
    assert (best["table"], best["key"]) == ("user_entity", "id")
    assert best["columns"]["email"] == ["user_entity.email"]
    assert {
        "email",
        "name",
        "locale",
        "country",
        "birth_date",
        "created_at",
        "last_seen_at",
        "ip",
        "deleted_at",
    } <= set(best["columns"])
    assert {"column": "credential.secret_data", "category": "user.authorization.session"}.items() <= next(
        hold for hold in document["holds"] if hold["column"] == "credential.secret_data"
    ).items()
    assert all(set(hold) >= {"column", "category", "path"} for hold in document["holds"])
    assert "credential.secret_data" in document["secrets"]
    assert {"table": "event_entity", "account": "user_id", "at": "event_time", "ip": "ip_address"}.items() <= document[
        "trails"
    ][0].items()
    assert all(isinstance(sentence, str) for sentence in document["cannot_answer"])


def test_the_map_is_written_once_and_for_its_owner_only(programme: Programme, tmp_path: Path) -> None:
    out = tmp_path / "map.toml"
    programme.ok("scope", "discover", SCHEMAS / "wordpress.sql", "--out", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert str(read_datamap(out).accounts.table) == "wp_users"
    before = out.read_bytes()
    again = programme.run("scope", "discover", SCHEMAS / "devise.sql", "--out", out)
    assert (again.code, out.read_bytes()) == (3, before)
    assert "is already there" in again.err


def test_another_population_can_be_chosen(programme: Programme, tmp_path: Path) -> None:
    out = tmp_path / "map.toml"
    programme.ok("scope", "discover", SCHEMAS / "devise.sql", "--out", out, "--table", "admins")
    assert str(read_datamap(out).accounts.table) == "admins"
    other = programme.run(
        "scope", "discover", SCHEMAS / "devise.sql", "--out", tmp_path / "x.toml", "--table", "invoices"
    )
    assert other.code == 2
    assert "invoices was not found to be a table of people" in other.err


def test_what_was_written_finds_the_people(programme: Programme, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'accounts.sqlite'}"
    make_databases(sample_named("smartpact"), [url], people=1000, until=FIVE_PAST_THREE, truth=tmp_path / "truth.json")
    programme.ok("scope", "discover", url, "--out", tmp_path / "map.toml")
    programme.ok("open", "a breach")
    found = programme.json("scope", "run", "--database", url, "--map", tmp_path / "map.toml", "--everyone")
    assert found["accounts"] > 900


@pytest.mark.parametrize("argv", [["nowhere.sql"], ["nonsense://x/y"], []])
def test_what_cannot_be_read_is_said_without_a_traceback(programme: Programme, argv: list[str]) -> None:
    result = programme.run("scope", "discover", *argv)
    assert result.code == 2
    assert "Nothing was read." in result.err


def test_a_password_is_on_no_screen(programme: Programme) -> None:
    result = programme.run("scope", "discover", "postgresql://ann:very-secret@127.0.0.1:1/none")
    assert result.code == 4
    assert "very-secret" not in result.out + result.err


def test_other_commands_of_scope_do_without_discovery() -> None:
    script = (
        "import sys; from incident.cli import main; main(['scope', 'list', '--help']); "
        "loaded = {name.rpartition('.')[2] for name in sys.modules if 'scope.discovery.' in name}; "
        "sys.exit(str(loaded) if loaded - {'catalogue', 'names', 'secrecy'} else 0)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
