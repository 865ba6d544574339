"""Discovery on schemas of many habits: what it must find, and that the map it writes can be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from incident.scope.discovery.catalogue import Catalogue, Column, Table
from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.mapfile import read_datamap

FOLDER = Path(__file__).parent
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_people_values_and_secrets_are_found(name: str) -> None:
    proposal = propose(read_schema_file(FOLDER / "schemas" / f"{name}.sql"))
    expected = dict(EXPECTED[name])
    best = proposal.accounts[0]
    assert (best.table, best.key) == (expected.pop("table"), (expected.pop("key"),))
    assert sorted(proposal.secrets) == sorted(expected.pop("secrets"))
    found = {role: str(best.columns[role][0]) if best.columns[role] else None for role in expected}
    assert found == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_the_map_it_writes_can_be_read_and_reads_no_secret(name: str, tmp_path: Path) -> None:
    proposal = propose(read_schema_file(FOLDER / "schemas" / f"{name}.sql"))
    for number, account in enumerate(proposal.accounts):
        file = tmp_path / f"{number}.toml"
        file.write_text(map_text(proposal, account), encoding="utf-8")
        datamap = read_datamap(file)
        read = {f"{table}.{column}" for table, columns in datamap.columns_read().items() for column in columns}
        assert str(datamap.accounts.table) == account.table
        assert not read & set(proposal.secrets)
        assert not datamap.accounts.email or account.columns["email"]


def test_every_schema_is_expected_and_every_expectation_has_one() -> None:
    assert {file.stem for file in (FOLDER / "schemas").glob("*.sql")} == set(EXPECTED)


def proposal_of(name: str) -> Proposal:
    return propose(read_schema_file(FOLDER / "schemas" / f"{name}.sql"))


def paths(name: str) -> dict[str, list[str]]:
    return {str(hold.place): list(hold.place.way.hops) for hold in proposal_of(name).holds}


def test_data_in_other_tables_comes_with_its_path() -> None:
    assert paths("devise")["invoice_lines.amount"] == [
        "invoice_lines.invoice_id = invoices.id",
        "invoices.user_id = users.id",
    ]
    assert paths("supabase")["auth.mfa_challenges.ip_address"] == [
        "auth.mfa_challenges.factor_id = auth.mfa_factors.id",
        "auth.mfa_factors.user_id = auth.users.id",
    ]
    assert paths("clinic")["tbl_encounter.diagnosis"] == ["tbl_encounter.patient_id = tbl_patient_master.patient_id"]


def test_a_column_that_refers_to_several_tables_says_which_rows_are_meant() -> None:
    (hold,) = [hold for hold in proposal_of("devise").holds if str(hold.place) == "addresses.city"]
    assert hold.place.way.only_where == "addresses.addressable_type names user"
    assert not [place for place in proposal_of("devise").accounts[0].columns["email"] if "versions" in place.table]


def test_copies_of_old_rows_and_links_to_other_log_ins_are_no_people() -> None:
    assert [account.table for account in proposal_of("devise").accounts] == ["users", "admins"]
    assert [account.table for account in proposal_of("authjs").accounts] == ["users"]
    assert [account.table for account in proposal_of("clinic").accounts] == ["tbl_patient_master", "tbl_staff"]


def test_a_tenant_is_no_person() -> None:
    assert [account.table for account in proposal_of("saas").accounts] == ["TeamMember"]


def trails_of(name: str) -> set[tuple[str, str | None, str, str | None]]:
    return {
        (trail.table, trail.account and trail.account.column, trail.at.column, trail.ip and trail.ip.column)
        for trail in proposal_of(name).trails
    }


def test_trails_name_who_when_and_from_where() -> None:
    assert trails_of("clinic") == {
        ("tbl_access_log", "patient_id", "log_time", "ip"),
        ("tbl_access_log", "staff_id", "log_time", "ip"),
    }
    assert trails_of("supabase") == {
        ("auth.audit_log_entries", None, "created_at", "ip_address"),
        ("auth.sessions", "user_id", "created_at", "ip"),
    }
    assert trails_of("booking") == {("Guests", "GuestID", "LastLoginOnUtc", "LastIPAddress")}


def test_what_cannot_be_answered_is_said_in_sentences() -> None:
    said = " ".join(proposal_of("authjs").cannot_answer)
    assert "no IP address is recorded anywhere" in said
    assert "users does not say when an account was made" in said
    assert "Guests.IsDeleted says that it was, and not when" in " ".join(proposal_of("booking").cannot_answer)


def test_where_nobody_is_found_it_says_so() -> None:
    nothing = propose(Catalogue((Table("measurements", (Column("id", "int"), Column("celsius", "real")), ("id",)),)))
    assert nothing.accounts == ()
    assert nothing.cannot_answer == ("No table of people was found: no name and no columns speak of one.",)
