"""What goes to a Spark server; no server is needed to see it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from incident.scope.dialects import ENGINES
from incident.scope.dialects.spark_thrift import literal, respelled


def test_no_value_can_leave_its_quotes() -> None:
    assert literal("O'Neill \\ ${x}\n") == "'O\\u0027Neill \\u005c \\u0024{x}\\n'"
    assert literal(-5) == "(-5)"
    assert literal(datetime(1, 1, 1, tzinfo=UTC)) == "TIMESTAMP_LTZ'0001-01-01 00:00:00+00:00'"
    assert respelled("\"a`b\" = 'it''s' AND c = 1") == "`a``b` = 'it\\u0027s' AND c = 1"
    assert literal(date(2026, 11, 21)) == "DATE'2026-11-21'"
    assert [literal(value) for value in (None, True, False, 7)] == ["NULL", "true", "false", "7"]
    with pytest.raises(TypeError):
        literal(b"bytes")


def test_a_statement_names_everything_in_backticks() -> None:
    table = sa.table("users", sa.column("e`mail"), schema="lake.crm")
    statement = sa.select(sa.func.trim(table.c["e`mail"], "x")).where(sa.literal_column("\"plan\" = '100%'"))
    text = str(statement.compile(dialect=ENGINES["hive"].dialect))
    assert "FROM `lake`.`crm`.`users`" in text
    assert "trim(BOTH %(trim_2)s FROM `lake`.`crm`.`users`.`e``mail`)" in text
    assert "`plan` = '100%%'" in text


def test_a_plan_says_nothing_of_what_was_asked() -> None:
    said = [
        "== Optimized Logical Plan ==",
        "Sort [key#1 ASC], true, Statistics(sizeInBytes=2.1 KiB, rowCount=22)",
        "+- Filter (email#2 = ann@example.com), Statistics(sizeInBytes=1.0 KiB, rowCount=30)",
        "Project ann@example.com",
        "   +- Relation spark_catalog.crm.users[id#1L,email#2] parquet, Statistics(sizeInBytes=1808.0 B)",
        "== Physical Plan ==",
        "Filter ann@example.com",
    ]
    steps = ["Sort, 2.1 KiB", "   Filter, 1.0 KiB", "      Relation on spark_catalog.crm.users, 1808.0 B"]
    assert ENGINES["hive"].planned(said) == (22, steps)  # type: ignore[attr-defined]  # a word of this engine alone
