from __future__ import annotations

from pathlib import Path

import pytest

from incident.errors import UsageError
from incident.scope.datamap import Secret, TableName, Value
from incident.scope.mapfile import read_datamap
from incident.scope.predicate import looks_secret


def test_a_map_is_read_as_it_is_written(map_file: Path) -> None:
    datamap = read_datamap(map_file)
    assert datamap.accounts.name == (Value("first"), Value("Last"))
    assert datamap.accounts.last_seen_at == Value("seen_ms", "milliseconds", "UTC")
    assert datamap.trails[1].at == Value("at_local", "native", "Europe/Tallinn")
    assert datamap.trails[1].actions == ("download",)
    assert datamap.secrets == {Secret(TableName("people"), "bcrypt")}
    assert datamap.counted_categories() == ("user.contact.email", "user.financial.card_summary")


def test_only_what_the_map_names_is_ever_read(map_file: Path) -> None:
    read = read_datamap(map_file).columns_read()
    assert set(read) == {TableName("people"), TableName("log"), TableName("visits")}
    assert "bcrypt" not in read[TableName("people")]
    assert "note" not in read[TableName("people")]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "id"', "", "accounts.key must name at least one column"),
        ('email = "email"', 'emial = "email"', "emial is not a key of this table; did you mean email?"),
        ('unit = "milliseconds"', 'unit = "minutes"', "must be one of native, text, seconds, milliseconds"),
        ('zone = "Europe/Tallinn"', 'zone = "EET"', 'is "EET", which is not a time zone'),
        ('"user.contact.email"', '"user.contact.mail"', 'names "user.contact.mail", which is not a data category'),
        ('["people.bcrypt"]', '["bcrypt"]', "write table.column"),
        ('name = "visits"', 'name = "log"', '"log" is used for two trails'),
        ('account = "person"', 'account = ["person", "realm"]', "must name 1 column(s)"),
        ('values = ["download"]', "values = []", "must name at least one action"),
        ("[holds]", "[holding]", "holding is not a key"),
        ("card = [", '"card[kind=visa]" = [', "chooses rows of the account table itself"),
        ("card = [", '"log.ip[" = [', "is no place"),
    ],
)
def test_what_is_wrong_in_a_map_is_named_with_its_line(map_file: Path, old: str, new: str, says: str) -> None:
    text = map_file.read_text(encoding="utf-8")
    assert old in text
    map_file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_datamap(map_file)
    assert says in caught.value.what
    assert f"{map_file}, line " in caught.value.what


def test_what_holds_a_category_may_be_inside_a_document_or_in_single_rows(map_file: Path) -> None:
    related = '[[related]]\ntable = "meta"\npath = ["meta.person = people.id"]\n'
    held = '"note->card.last4" = ["user.financial.card_summary"]\n'
    held += '"meta.value[name=phone]" = ["user.contact.phone_number"]\n'
    held += '"meta.value[name=pin]" = ["user.authorization.password"]\n'
    text = map_file.read_text(encoding="utf-8").replace("[holds]", f"{related}[holds]\n{held}")
    map_file.write_text(text.replace('["people.bcrypt"]', '["meta.value[name=pin]"]'), encoding="utf-8")
    datamap = read_datamap(map_file)
    meta = TableName("meta")
    assert Value("note", table=TableName("people"), json=("card", "last4")) in datamap.holds
    assert not datamap.is_secret_hold(Value("value", table=meta, where=(("name", "phone"),)))
    assert datamap.is_secret_hold(Value("value", table=meta, where=(("name", "pin"),)))
    assert datamap.columns_read()[meta] == ("name", "person", "value")


@pytest.mark.parametrize(
    "column", ["password", "user_pass", "encryptedPassword", "reset_password_token", "apiKey", "otp"]
)
def test_a_secret_is_known_by_its_name(column: str) -> None:
    assert looks_secret(column)


@pytest.mark.parametrize(
    "column", ["tokens", "password_changed_at", "passenger", "compass", "token_count", "secretary"]
)
def test_a_name_that_only_sounds_like_one_is_none(column: str) -> None:
    assert not looks_secret(column)


def test_a_secret_without_its_schema_is_the_same_secret(map_file: Path) -> None:
    datamap = read_datamap(map_file)
    assert datamap.is_secret(TableName("people", "auth"), "BCRYPT")
    assert not datamap.is_secret(TableName("others"), "bcrypt")
