"""A part of a question that only one of several databases can answer: the others are not asked it, and it is said."""

import sqlite3
from pathlib import Path

import pytest
from programme import Programme

PROFILE = '[organisation]\nname = "Invented"\nzone = "UTC"\nlanguages = ["en"]\n'
MAP = """
[accounts]
table = "users"
key = "id"
email = "email"
[holds]
email = ["user.contact.email"]
"""
TRAIL = '[[trail]]\nname = "logouts"\ntable = "log"\naccount = "user_id"\nat = "at"\n'
SEEN = 'seen = "2026-11-20..2026-11-21"'


@pytest.fixture
def company(breach: Programme, tmp_path: Path) -> Programme:
    """Accounts 1 and 2 in `abroad`, which has no log, and 1 and 2 in `home`, whose log names its 2."""
    profile = PROFILE
    for name in ("abroad", "home"):
        with sqlite3.connect(tmp_path / f"{name}.db") as connection:
            connection.execute("CREATE TABLE users (id INTEGER, email TEXT)")
            people = [(1, f"one@{name}.example"), (2, f"two@{name}.example")]
            connection.executemany("INSERT INTO users VALUES (?, ?)", people)
            if name == "home":
                connection.execute("CREATE TABLE log (user_id INTEGER, at TEXT)")
                connection.execute("INSERT INTO log VALUES (2, '2026-11-20T12:00:00Z')")
        connection.close()
        (tmp_path / f"{name}.toml").write_text(MAP + (TRAIL if name == "home" else ""), encoding="utf-8")
        profile += f'\n[[accounts]]\nname = "{name}"\nurl_env = "{name.upper()}"\nmap = "{tmp_path / name}.toml"\n'
        breach.environ[name.upper()] = f"sqlite:///{tmp_path / name}.db"
    (breach.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    return breach


def ask(company: Programme, tmp_path: Path, question: str, *options: str) -> list[str]:
    """The keys of the list that answers `question`."""
    (tmp_path / "question.toml").write_text(question, encoding="utf-8")
    done = company.json("scope", "run", "--question", tmp_path / "question.toml", *options)
    out = tmp_path / f"{done['scope']}.csv"
    company.ok("scope", "export", done["scope"], "--out", out)
    return [line.partition(",")[0] for line in out.read_text(encoding="utf-8").splitlines()[1:]]


def test_only_the_store_it_is_about_is_asked_that_part(company: Programme, tmp_path: Path) -> None:
    question = f'any = [{{ store = "home", {SEEN} }}, {{ where = "id = 1" }}]'
    assert ask(company, tmp_path, question) == ["abroad/1", "home/1", "home/2"]
    assert "in the store home; and seen between" in company.ok("scope", "show", "s1").out


def test_without_it_a_store_that_cannot_answer_stops_the_run_and_says_how_to_go_on(
    company: Programme, tmp_path: Path
) -> None:
    (tmp_path / "question.toml").write_text(SEEN, encoding="utf-8")
    result = company.run("scope", "run", "--question", tmp_path / "question.toml")
    assert result.code == 2
    assert "abroad.toml names no trail" in result.err
    assert 'store = "NAME"' in result.err


def test_whoever_is_of_the_store_alone_and_whoever_is_not(company: Programme, tmp_path: Path) -> None:
    assert ask(company, tmp_path, 'store = "home"') == ["home/1", "home/2"]
    assert ask(company, tmp_path, 'store = ["abroad", "home"]\nwhere = "id = 2"') == ["abroad/2", "home/2"]
    assert ask(company, tmp_path, f'everyone = true\nnot = {{ store = "home", {SEEN} }}') == [
        "abroad/1",
        "abroad/2",
        "home/1",
    ]


def test_a_list_of_one_store_keeps_the_question_as_that_store_was_asked_it(company: Programme, tmp_path: Path) -> None:
    question = f'any = [{{ store = "home", {SEEN} }}, {{ where = "id = 1" }}]'
    assert ask(company, tmp_path, question, "--store", "home") == ["1", "2"]
    assert ask(company, tmp_path, question, "--store", "abroad") == ["1"]
    assert "in the store" not in company.ok("scope", "show", "s1").out
    assert "nobody, as it is about another store" in company.ok("scope", "show", "s2").out


def test_a_misspelt_store_is_an_error_and_not_nobody(company: Programme, tmp_path: Path) -> None:
    (tmp_path / "question.toml").write_text('store = "hone"', encoding="utf-8")
    result = company.run("scope", "run", "--question", tmp_path / "question.toml")
    assert result.code == 2
    assert 'a store "hone"' in result.err
    assert "abroad, home" in result.err
    named = company.run("scope", "run", "--question", tmp_path / "question.toml", "--store", "home")
    assert 'a store "hone"' in named.err


def test_a_database_given_by_its_url_has_no_name_to_ask_for(breach: Programme, tmp_path: Path) -> None:
    (tmp_path / "question.toml").write_text('store = "home"', encoding="utf-8")
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    url = f"sqlite:///{tmp_path}/none.db"
    options = ["--database", url, "--map", tmp_path / "map.toml"]
    result = breach.run("scope", "run", "--question", tmp_path / "question.toml", *options)
    assert result.code == 2
    assert "[[accounts]]" in result.err


def test_a_database_without_a_name_beside_named_ones_is_not_asked_what_is_about_one_of_them(
    company: Programme, tmp_path: Path
) -> None:
    """Whoever gives the database of `home` by its URL would otherwise get a list without those on its log."""
    (tmp_path / "question.toml").write_text(f'any = [{{ store = "home", {SEEN} }}, {{ where = "id = 1" }}]')
    words = ["scope", "run", "--database", company.environ["HOME"], "--map", tmp_path / "home.toml", "--question"]
    refused = company.run(*words, tmp_path / "question.toml")
    assert refused.code == 2
    assert "in the store home; and seen between Fri 2026-11-20 00:00" in refused.err
    assert "--store home" in refused.err
    assert company.json("scope", "list") == []
    (tmp_path / "question.toml").write_text(f'any = [{{ {SEEN} }}, {{ where = "id = 1" }}]')
    assert company.json(*words, tmp_path / "question.toml")["accounts"] == 2


@pytest.mark.parametrize(
    "question",
    [
        f'any = [{{ store = "home", {SEEN} }}, {{ where = "id = 1" }}]',
        f'any = [{{ store = ["abroad", "home"], where = "id = 2" }}, {{ store = "home", {SEEN} }}]',
        'where = "id = 1"\n[[perhaps]]\nstore = "home"\nbecause = "the log was off"\n',
    ],
)
def test_a_store_that_is_not_asked_what_the_question_asks_of_it_leaves_the_numbers_approximate(
    company: Programme, tmp_path: Path, question: str
) -> None:
    (tmp_path / "question.toml").write_text(question)
    words = ["scope", "run", "--question", tmp_path / "question.toml"]
    done = company.json(*words, "--store", "abroad")
    assert done["uncertain"][0].startswith("The store home was not asked:")
    assert not any("The store abroad" in sentence for sentence in done["uncertain"])
    fact = next(fact for fact in company.json("facts") if fact["name"] == "people_affected")
    assert (fact["value"], fact["state"]) == (1, "approximate")
    assert "The store home was not asked" in fact["because"]
    assert "The store home was not asked" in company.ok(*words, "--store", "abroad", "--explain").out
    assert "was not asked" not in str(company.json(*words)["uncertain"])


def test_whoever_asks_nothing_of_a_store_need_not_be_told_that_it_was_not_asked(
    company: Programme, tmp_path: Path
) -> None:
    assert ask(company, tmp_path, 'where = "id = 1"', "--store", "abroad") == ["1"]
    fact = next(fact for fact in company.json("facts") if fact["name"] == "people_affected")
    assert fact["state"] == "exact"


def test_why_somebody_is_on_the_list_names_their_store(company: Programme, tmp_path: Path) -> None:
    ask(company, tmp_path, 'store = "home"')
    assert "it is in home" in company.ok("scope", "show", "s1", "--person", "home/1").out


def test_who_may_be_missing_of_one_store_is_counted_there_only(company: Programme, tmp_path: Path) -> None:
    (tmp_path / "question.toml").write_text(
        'where = "id = 1"\n[[perhaps]]\nstore = "home"\nbecause = "the log was off"\n', encoding="utf-8"
    )
    done = company.json("scope", "run", "--question", tmp_path / "question.toml")
    said = [sentence for sentence in done["uncertain"] if "the log was off" in sentence]
    assert said == ["home: 1 account that is not on the list may belong there: the log was off."]


def test_who_may_be_missing_of_no_store_in_particular_is_said_once(company: Programme, tmp_path: Path) -> None:
    (tmp_path / "question.toml").write_text('where = "id = 1"\n[[perhaps]]\nbecause = "Guests leave no trace."\n')
    words = ["scope", "run", "--question", tmp_path / "question.toml"]
    done = company.json(*words)
    assert [sentence for sentence in done["uncertain"] if "Guests" in sentence] == ["Guests leave no trace."]
    fact = next(fact for fact in company.json("facts") if fact["name"] == "people_affected")
    assert (fact["state"], fact["because"]) == ("approximate", "perhaps more: Guests leave no trace.")
    alone = company.json(*words, "--store", "home")
    assert [sentence for sentence in alone["uncertain"] if "Guests" in sentence] == ["Guests leave no trace."]


def test_a_question_about_one_store_leaves_the_doubt_about_the_others(company: Programme, tmp_path: Path) -> None:
    question = 'store = "home"\n[[perhaps]]\nwhere = "id = 1"\nbecause = "moved between the two"\n'
    (tmp_path / "question.toml").write_text(question)
    said = company.json("scope", "run", "--question", tmp_path / "question.toml")["uncertain"]
    assert [sentence for sentence in said if "moved" in sentence] == [
        "abroad: 1 account that is not on the list may belong there: moved between the two."
    ]
