"""MariaDB: only read, one snapshot, and none of its habits changes an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme
from sqlalchemy.engine import make_url

from incident.errors import OutsideError
from incident.scope.databases import open_accounts
from incident.scope.mapfile import read_datamap
from incident.scope.questions import Question
from incident.scope.sealed import read_segments
from incident.scope.sql import compile_scope

USER, PASSWORD = "lena", "right horse"


@pytest.fixture
def run(breach: Programme, map_file: Path) -> Any:
    """`scope run` against a URL."""

    def run(url: str, *selectors: str) -> Any:
        result = breach.run("scope", "run", "--database", url, "--map", str(map_file), *(selectors or ("--everyone",)))
        assert "Traceback" not in result.err
        return result

    return run


@pytest.fixture
def lena(mariadb_store: Any) -> Any:
    """A user with a password, who may do what the test grants; in the URL of the store."""
    mariadb_store.change(f"CREATE OR REPLACE USER {USER}@localhost IDENTIFIED BY '{PASSWORD}'")
    mariadb_store.change(f"GRANT USAGE ON *.* TO {USER}@localhost")
    yield mariadb_store.url.replace("root@", f"{USER}:{PASSWORD.replace(' ', '%20')}@")
    mariadb_store.change(f"DROP USER {USER}@localhost")


def keys_in(document: Any) -> list[str]:
    return [person.key for segment in read_segments(Path(document["file"])) for person in segment.people]


def test_a_function_that_writes_is_stopped_by_the_database(run: Any, mariadb_store: Any) -> None:
    mariadb_store.change("""CREATE FUNCTION sneak() RETURNS int MODIFIES SQL DATA
        BEGIN DELETE FROM people; RETURN 1; END""")
    result = run(mariadb_store.url, "--where", "sneak() = 1")
    assert result.code == 3
    assert "tried to write, and the database refused" in result.err


@pytest.mark.parametrize(
    ("condition", "accounts"),
    [
        ("first = 'O''Neill'", 1),
        ("\"first\" = 'O''Neill'", 1),  # a name, and not a text as it would be by default
        ("first = 'N\\'' OR 1 = 1", None),  # no escape: the text ends at the first quote that is not doubled
        ("email LIKE '100:%;%%' OR id = 1", 1),
        ("first || '!' = 'Mari!'", 16),
        ("first = 'mari'", 16),  # the company's own condition, by its own collation
    ],
)
def test_conditions_mean_what_they_mean_elsewhere(run: Any, mariadb_store: Any, condition: str, accounts: Any) -> None:
    result = run(mariadb_store.url, "--where", condition, "--json")
    if accounts is None:
        assert result.code == 2
    else:
        assert result.json["accounts"] == accounts


def test_a_wrong_password_and_a_right_one(run: Any, lena: str, mariadb_store: Any) -> None:
    mariadb_store.change(f"GRANT SELECT ON * TO {USER}@localhost")
    wrong = run(lena.replace("right", "hunter2"))
    assert (wrong.code, "did not accept that user name and password" in wrong.err) == (4, True)
    assert "hunter2" not in wrong.err
    right = run(lena, "--json", "--everyone")
    assert right.code == 0
    assert USER not in right.out.replace("calena", "")
    assert PASSWORD not in right.out


def test_a_user_who_may_not_read(run: Any, lena: str, mariadb_store: Any) -> None:
    denied = run(lena)
    assert (denied.code, "not read" in denied.err) == (4, True)
    mariadb_store.change(f"GRANT SELECT ON visits TO {USER}@localhost")
    mariadb_store.change(f"GRANT SELECT (id) ON people TO {USER}@localhost")
    mariadb_store.change(f"GRANT SELECT ON log TO {USER}@localhost")
    result = run(lena)
    assert result.code in {2, 4}
    assert USER not in result.err


def test_servers_that_are_not_there(run: Any, mariadb_store: Any) -> None:
    gone = run("mysql://lena:hunter2@127.0.0.1:1/accounts")
    assert (gone.code, "mysql:127.0.0.1:1/accounts cannot be reached" in gone.err) == (4, True)
    assert "hunter2" not in gone.err
    other = make_url(mariadb_store.url).set(database="nowhere").render_as_string(hide_password=False)
    assert "knows no such database" in run(other).err
    assert "names a server and no database" in run("mysql://lena@127.0.0.1").err


@pytest.mark.parametrize(
    "scheme", ["mysql", "mariadb", "mysql2", "mysql+pymysql", "mysql+mysqldb", "mariadb+mariadbconnector"]
)
def test_other_programs_spellings_of_the_url_are_taken(run: Any, mariadb_store: Any, scheme: str) -> None:
    url = mariadb_store.url.replace("mysql://", f"{scheme}://") + "&charset=utf8&pool=5&ssl-mode=PREFERRED"
    assert run(url).code == 0


def test_what_is_written_meanwhile_is_not_seen(mariadb_store: Any, map_file: Path) -> None:
    datamap = read_datamap(map_file)
    with open_accounts(mariadb_store.url) as accounts:
        before = _keys(accounts, datamap)
        mariadb_store.change("DELETE FROM people WHERE id = 9")
        assert _keys(accounts, datamap) == before


def test_a_connection_that_is_lost_halfway(mariadb_store: Any, map_file: Path) -> None:
    mariadb_store.change(
        "INSERT INTO people (id, email, kind) SELECT seq, REPEAT('x', 200), 'human' FROM seq_1000_to_40000"
    )
    datamap = read_datamap(map_file)
    with open_accounts(mariadb_store.url) as accounts:
        statement = _people(accounts, datamap)
        batches = accounts.batches(statement)
        next(batches)
        mariadb_store.change(f"KILL {accounts._connection.thread_id()}")  # type: ignore[attr-defined]
        with pytest.raises(OutsideError, match="was lost"):
            list(batches)


def test_a_table_without_snapshots_is_said_aloud(run: Any, mariadb_store: Any) -> None:
    mariadb_store.change("ALTER TABLE log ENGINE = MyISAM")
    result = run(mariadb_store.url)
    assert (result.code, "The table log is kept by MyISAM, which has no snapshots" in result.out + result.err) == (
        0,
        True,
    )


def test_a_copy_that_is_only_read_is_said_aloud(mariadb_store: Any, run: Any) -> None:
    mariadb_store.change("SET GLOBAL read_only = 1")
    try:
        result = run(mariadb_store.url)
    finally:
        mariadb_store.change("SET GLOBAL read_only = 0")
    assert "may not have reached it" in result.out + result.err


@pytest.mark.parametrize("as_table", [True, False])
def test_a_list_of_keys_however_it_is_brought_in(
    run: Any, lena: str, mariadb_store: Any, tmp_path: Path, as_table: bool
) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text(
        "1\n9007199254740993\n 22 \n" + "".join(f"no{key}\n" for key in range(2500 if as_table else 500)),
        encoding="utf-8",
    )
    document = run(mariadb_store.url, "--ids", str(ids), "--json").json
    assert keys_in(document) == ["1", "22", "9007199254740993"]
    strangers = "2500 of 2503" if as_table else "500 of 503"
    assert f"{strangers} listed keys belong to no account." in document["uncertain"]
    mariadb_store.change(f"GRANT SELECT ON * TO {USER}@localhost")
    refused = run(lena, "--ids", str(ids))
    assert refused.code == (2 if as_table else 0)
    assert ("GRANT CREATE TEMPORARY TABLES" in refused.err) == as_table


def test_dates_of_nothing_are_no_times(breach: Programme, mariadb_store: Any, map_file: Path) -> None:
    mariadb_store.change(
        "SET STATEMENT sql_mode = '' FOR UPDATE people SET created = '0000-00-00', born = '2026-00-10' WHERE id = 1"
    )
    mariadb_store.change(
        "SET STATEMENT sql_mode = '' FOR UPDATE people SET deleted = '2026-02-00 10:00:00' WHERE id = 9"
    )
    mariadb_store.change("UPDATE people SET created = '0001-01-01 00:00:00' WHERE id = 10")
    mariadb_store.change("UPDATE people SET created = '9999-12-31 23:59:59.999999' WHERE id = 14")
    words = ["--database", mariadb_store.url, "--map", str(map_file)]
    document = breach.json("scope", "run", *words, "--existing-at", "2026-11-20T22:00:00Z")
    people = {person.key: person for segment in read_segments(Path(document["file"])) for person in segment.people}
    assert (people["1"].created_at, people["1"].birth_date) == (None, None)
    assert people["9"].deleted_at is None
    assert people["10"].created_at == "0001-01-01T00:00:00Z"
    assert "14" not in people
    assert "1 values of created_at could not be read as times; check unit and zone in the map." in document["uncertain"]
    everyone = breach.json("scope", "run", *words, "--everyone")
    kept = {person.key: person for segment in read_segments(Path(everyone["file"])) for person in segment.people}
    assert kept["14"].created_at == "9999-12-31T23:59:59Z"


KEYS = ["a", "A", "a ", "á", "b", "ss", "ß", "😀", "z" * 1000 + "1", "z" * 1000 + "0"]


@pytest.mark.parametrize("character_set", ["utf8mb4", "utf8mb3", "latin1"])
def test_keys_that_differ_in_case_and_blanks_are_different(
    breach: Programme, mariadb_store: Any, map_file: Path, tmp_path: Path, character_set: str
) -> None:
    """The trail's account column has a collation that holds most of them for the same."""
    able = [key for key in KEYS if character_set == "utf8mb4" or key.isascii() or (key < "Ā" and key != "😀")]
    form = f"varchar(1100) CHARACTER SET {character_set}"
    mariadb_store.change(f"CREATE TABLE keyed (k {form} COLLATE {character_set}_bin, email text, country varchar(9))")
    mariadb_store.change("INSERT INTO keyed VALUES (%s, 'One@example.com', 'ee')", *((key,) for key in able))
    mariadb_store.change("UPDATE keyed SET country = 'EE' WHERE k = 'b'")
    mariadb_store.change(f"CREATE TABLE doings (k {form}, at datetime)")
    mariadb_store.change("INSERT INTO doings VALUES ('A', '2026-11-20 23:00:00'), ('ss', '2026-11-20 23:00:00')")
    map_file.write_text(
        '[accounts]\ntable = "keyed"\nkey = "k"\nemail = "email"\ncountry = "country"\n'
        '[[trail]]\nname = "log"\ntable = "doings"\naccount = "k"\nat = "at"\n',
        encoding="utf-8",
    )
    words = ["scope", "run", "--database", mariadb_store.url, "--map", str(map_file)]
    everyone = breach.json(*words, "--everyone")
    assert keys_in(everyone) == sorted(able, key=str.encode)
    assert everyone["people"] == 1
    assert everyone["by_country"] == {"EE": 1}
    seen = breach.json(*words, "--trail", "log", "--seen", "2026-11-20T22:00:00Z..2026-11-21T00:00:00Z")
    assert keys_in(seen) == ["A", "ss"]
    ids = tmp_path / "ids.txt"
    ids.write_text("A\nSS\n", encoding="utf-8")
    assert keys_in(breach.json(*words, "--ids", str(ids))) == ["A"]


def test_addresses_kept_as_bytes_and_as_numbers(breach: Programme, mariadb_store: Any, map_file: Path) -> None:
    words = ["scope", "run", "--map", str(map_file), "--database", mariadb_store.url, "--trail", "visits"]
    for form, write in (("varbinary(16)", "INET6_ATON"), ("int unsigned", "INET_ATON")):
        mariadb_store.change(f"ALTER TABLE visits ADD packed {form}")
        mariadb_store.change(f"UPDATE visits SET packed = {write}(ip)")
        mariadb_store.change("ALTER TABLE visits RENAME COLUMN ip TO spelt, RENAME COLUMN packed TO ip")
        assert breach.json(*words, "--from-ip", "198.51.100.0/30")["accounts"] == 4
        assert breach.run(*words, "--from-ip", "198.51.100.2").code == 1
        mariadb_store.change("ALTER TABLE visits DROP COLUMN ip, RENAME COLUMN spelt TO ip")


def test_an_estimate_runs_nothing(mariadb_store: Any, map_file: Path) -> None:
    datamap = read_datamap(map_file)
    with open_accounts(mariadb_store.url, timeout_seconds=5) as accounts:
        slow = _people(accounts, datamap, Question(where="SLEEP(60) = 0"))
        estimate = accounts.estimate(slow)
    assert estimate.rows is not None
    assert 10 < estimate.rows < 100
    assert "people" in estimate.plan[0]


def _people(accounts: Any, datamap: Any, question: Question | None = None) -> Any:
    asked = question or Question(everyone=True)
    schema = accounts.probe(datamap)
    return compile_scope(asked, datamap, schema, accounts.engine).people


def _keys(accounts: Any, datamap: Any) -> list[str]:
    return [row[0] for batch in accounts.batches(_people(accounts, datamap)) for row in batch]
