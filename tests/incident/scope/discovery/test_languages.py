"""Columns of people in other languages are read in their roles."""

from __future__ import annotations

import pytest

from incident.scope.discovery.catalogue import Catalogue, Column, Table
from incident.scope.discovery.propose import propose

COLUMNS = {
    "birth_date": """
        geb geb_datum gebdat geboren geboren_am geburtsdatum fecha_nacimiento fec_nac naissance date_naissance
        data_nascita data_nascimento dob sünd synniaeg sünniaeg data_urodzenia geboortedatum data_rozhdeniya
    """,
    "country": "land pais pays maa riik paese kraj strana staat land_code codice_paese herkunftsland país",
    "locale": "sprache idioma langue lingua jezyk taal keel keele_kood yazyk linguagem",
    "created_at": """
        angelegt_am erstellt_am registriert_am creado_en fecha_alta date_creation data_criacao criado_em
        data_creazione data_utworzenia aangemaakt loodud loomise_aeg data_sozdaniya data_rejestracji date_inscription
    """,
    "last_seen_at": """
        letzter_login letzte_anmeldung ultimo_acceso ultimo_acesso derniere_connexion ultimo_accesso data_ultimo_accesso
        ostatnie_logowanie laatste_login viimane_sisselogimine posledniy_vhod
    """,
    "deleted_at": "geloescht_am gelöscht_am borrado_en supprime_le cancellato_il apagado_em usunieto verwijderd",
    "name": """
        vorname nachname prenom nom apellidos nombre cognome nome sobrenome imie nazwisko voornaam achternaam eesnimi
        perenimi imya familiya nom_famille benutzername nome_utente gebruikersnaam
    """,
}
TYPES = {"birth_date": "date", "created_at": "timestamp", "last_seen_at": "timestamp", "deleted_at": "timestamp"}


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in COLUMNS.items() for name in names.split()])
def test_a_column_is_understood_in_its_language(role: str, name: str) -> None:
    columns = (
        Column("id", "int"),
        Column("email", "text"),
        Column("pwd", "text"),
        Column(name, TYPES.get(role, "text")),
    )
    (account,) = propose(Catalogue((Table("kunden", columns, ("id",)),))).accounts
    assert [str(place) for place in account.columns[role]] == [f"kunden.{name}"]


@pytest.mark.parametrize(
    "table", ["benutzer", "mitglieder", "utilisateurs", "usuarios", "utenti", "klanten", "kasutajad"]
)
def test_tables_of_people_in_their_language(table: str) -> None:
    columns = (Column("id", "int"), Column("email", "text"), Column("parool", "text"))
    (account,) = propose(Catalogue((Table(table, columns, ("id",)),))).accounts
    assert account.table == table


def test_a_date_of_something_else_is_no_birth() -> None:
    columns = (Column("id", "int"), Column("email", "text"), Column("pwd", "text"), Column("data_fattura", "date"))
    (account,) = propose(Catalogue((Table("utenti", columns, ("id",)),))).accounts
    assert not account.columns["birth_date"]
