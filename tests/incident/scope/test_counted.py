"""What is counted beside the list, in the statement that reads it: more categories than a whole number has bits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from programme import Programme

from incident.record.vocabulary import data_categories
from incident.scope.sql import sums_in

CATEGORIES = sorted(data_categories())[:40]


def test_every_engine_counts_more_categories_than_a_number_has_bits(
    breach: Programme, store: Any, tmp_path: Path
) -> None:
    columns = [f"c{number}" for number in range(len(CATEGORIES))]
    store.change(f"CREATE TABLE wide (id integer PRIMARY KEY, {', '.join(f'{name} varchar(9)' for name in columns)})")
    for key in range(1, 6):  # of the 40 columns account 1 has every one, account 2 every second, and so on
        values = ", ".join("'x'" if number % key == 0 else "''" if number % 2 else "NULL" for number in range(40))
        store.change(f"INSERT INTO wide VALUES ({key}, {values})")
    holds = "\n".join(f'{name} = ["{category}"]' for name, category in zip(columns, CATEGORIES, strict=True))
    (tmp_path / "wide.toml").write_text(f'[accounts]\ntable = "wide"\nkey = "id"\n[holds]\n{holds}\n', encoding="utf-8")
    found = breach.json("scope", "run", "--everyone", "--database", store.url, "--map", str(tmp_path / "wide.toml"))
    expected = {name: sum(number % key == 0 for key in range(1, 6)) for number, name in enumerate(CATEGORIES)}
    assert found["by_category"] == expected


def test_bits_are_told_apart() -> None:
    names = [str(number) for number in range(33)]
    assert sums_in(names, Counter({(1, 2): 3, (1 << 30, 1): 4, (0, 0): 5})) == {
        **dict.fromkeys(names, 0), "0": 3, "30": 4, "31": 4, "32": 3,
    }  # fmt: skip
    assert sums_in([], Counter({(): 7})) == {}
