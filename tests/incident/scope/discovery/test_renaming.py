"""The same database in other naming habits gives the same proposal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.scope.discovery.catalogue import Catalogue, Column, ForeignKey, Table
from incident.scope.discovery.propose import propose


def table(name: str, *columns: str, foreign: tuple[ForeignKey, ...] = ()) -> Table:
    return Table(name, tuple(Column(*column.split(":")) for column in columns), ("id",), foreign=foreign)


BASE = Catalogue(
    (
        table(
            "users", "id:bigint", "email:varchar(255)", "first_name:text", "last_name:text", "password_hash:text",
            "reset_token:text", "created_at:timestamp", "last_login_at:timestamp", "deleted_at:timestamp",
            "date_of_birth:date",
            "country_code:char(2)", "preferred_language:text", "registration_ip:inet", "is_active:boolean",
            "organization_id:bigint",
        ),
        table("organizations", "id:bigint", "name:text", "created_at:timestamp"),
        table("user_sessions", "id:bigint", "user_id:bigint", "session_token:text", "ip_address:text",
              "last_seen_at:timestamp"),
        table("orders", "id:bigint", "user_id:bigint", "total_amount:numeric", "shipping_address:text"),
        table("order_items", "id:bigint", "order_id:bigint", "product_id:bigint", "quantity:int"),
        table("support_messages", "id:bigint", "sender_id:bigint", "message_body:text", "sent_at:timestamp"),
        table("products", "id:bigint", "name:text", "description:text", "price:numeric"),
        table("user_versions", "id:bigint", "user_id:bigint", "email:text", "changed_at:timestamp"),
    )
)  # fmt: skip


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def pascal(name: str) -> str:
    return camel(f"_{name}")


def one(name: str) -> str:
    """Tables in the singular."""
    return re.sub(r"s$", "", name)


HABITS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "camelCase": (camel, camel),
    "PascalCase": (pascal, pascal),
    "PascalCase, singular": (lambda name: pascal(one(name)), pascal),
    "ALL_CAPS": (str.upper, str.upper),
    "singular": (one, str),
    "a prefix": (lambda name: f"shop_{name}", str),
    "tbl": (lambda name: f"tbl_{name}", str),
    "tbl glued": (lambda name: f"tbl{pascal(name)}", camel),
    "glued": (str, lambda name: name.replace("_", "")),
    "a schema": (lambda name: f"app.{name}", str),
    "entity": (lambda name: f"{one(name)}_entity", str),
}


def renamed(catalogue: Catalogue, of_table: Callable[[str], str], of_column: Callable[[str], str]) -> Catalogue:
    return Catalogue(
        tuple(
            replace(
                each,
                name=of_table(each.name),
                columns=tuple(Column(of_column(column.name), column.type) for column in each.columns),
                key=tuple(map(of_column, each.key)),
            )
            for each in catalogue.tables
        )
    )


def found(catalogue: Catalogue, of_table: Callable[[str], str] = str, of_column: Callable[[str], str] = str) -> Any:
    """The proposal of a renamed catalogue, in its old names."""
    tables = {of_table(each.name): each.name for each in BASE.tables}
    columns = {of_column(column.name): column.name for each in BASE.tables for column in each.columns}

    def old(text: object) -> str:
        table_name, _, column = str(text).rpartition(".")
        return f"{tables[table_name]}.{columns[column]}"

    proposal = propose(catalogue)
    return {
        "people": [tables[account.table] for account in proposal.accounts],
        "columns": {
            role: sorted(map(old, places)) if role == "ip" else [old(place) for place in places]
            for role, places in proposal.accounts[0].columns.items()
        },
        "secrets": sorted(map(old, proposal.secrets)),
        "holds": sorted((old(hold.place), hold.category, len(hold.place.way.hops)) for hold in proposal.holds),
        "trails": sorted(
            (tables[trail.table], trail.account and columns[trail.account.column], columns[trail.at.column])
            for trail in proposal.trails
        ),
    }


def test_the_base_is_understood() -> None:
    said = found(BASE)
    assert said["people"] == ["users"]
    assert said["columns"]["name"] == ["users.first_name", "users.last_name"]
    assert said["columns"]["tenant"] == ["users.organization_id"]
    assert said["secrets"] == ["user_sessions.session_token", "users.password_hash", "users.reset_token"]
    assert ("order_items.quantity", "user.behavior.purchase_history", 2) in said["holds"]
    assert ("user_sessions", "user_id", "last_seen_at") in said["trails"]


@pytest.mark.parametrize("habit", HABITS)
def test_the_habit_of_naming_does_not_matter(habit: str) -> None:
    of_table, of_column = HABITS[habit]
    assert found(renamed(BASE, of_table, of_column), of_table, of_column) == found(BASE)


@given(st.permutations(BASE.tables))
def test_the_order_of_the_tables_does_not_matter(tables: list[Table]) -> None:
    assert propose(Catalogue(tuple(tables))) == propose(BASE)


NAME = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
TYPE = st.sampled_from(["", "int", "text", "timestamp", "json", "uuid", "inet", "boolean", "odd"])
COLUMNS = st.lists(st.builds(Column, NAME, TYPE), max_size=6, unique_by=lambda column: column.name)


@given(
    st.lists(
        st.builds(lambda name, columns: Table(name, tuple(columns)), NAME, COLUMNS),
        max_size=5,
        unique_by=lambda each: each.name,
    )
)
def test_any_catalogue_gives_a_proposal(tables: list[Table]) -> None:
    proposal = propose(Catalogue(tuple(tables)))
    assert set(proposal.secrets) <= {f"{each.name}.{column.name}" for each in tables for column in each.columns}
