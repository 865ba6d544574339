"""What a failing account database means, in one plain message; never its password, never a value out of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from incident.errors import IncidentError, OutsideError, RefusedError, UsageError

_KEPT = "Nothing was sealed; the database was only read."


def unusable_url() -> UsageError:
    # The words typed are not repeated: a URL that is wrong in one place often still holds its password.
    return UsageError(
        "That is not the URL of a database.",
        state="Nothing was read.",
        next_step="write postgresql://USER:PASSWORD@HOST:5432/DATABASE, mysql://… or sqlite:////absolute/path.db",
    )


def doubtful_url() -> UsageError:
    return UsageError(
        "The database URL has more than one @, so where its password ends is not certain.",
        state="Nothing was read.",
        next_step="write an @ inside the password as %40, a / as %2F, a : as %3A",
    )


def no_driver(of: str, extra: str) -> UsageError:
    """of: the database's name. extra: the part of this program that brings its driver."""
    return UsageError(
        f"The {of} driver is not installed.",
        state="Nothing was read.",
        next_step=f"pip install 'breach-incident-toolkit[{extra}]'",
    )


@contextmanager
def outside_failures(where: str, kind: type[Exception]) -> Iterator[None]:
    """Turn the driver's errors, all of class `kind`, into one message. where: the database's identity."""
    try:
        yield
    except kind as error:
        state = getattr(error, "sqlstate", None)
        number, said = _number_and_words(error)
        first = said.splitlines()[0] if said else "no reason given"
        if number is not None:
            raise _by_number(number, first, where) from None
        raise _by_state(state, first, where) if state else _by_words(said, first, where) from None


def _number_and_words(error: Exception) -> tuple[int | None, str]:
    """MySQL's error number, where there is one, and what the driver said."""
    if len(error.args) > 1 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1]).strip()
    return None, str(error).strip()


def _by_number(number: int, first: str, where: str) -> IncidentError:
    """MariaDB's and MySQL's error numbers; their texts may name the user."""
    if number in {1045, 1698, 1251, 2059, 4151}:
        return _not_let_in(where)
    if number in {1044, 1142, 1143, 1370}:
        table = re.search(r"for (?:table|column|routine) .*$", first)
        return _not_granted(f"command denied {table[0]}" if table else "access to the database is denied")
    if number == 1049:
        return _no_such_database(where)
    if number == 1792:
        return _tried_to_write(first)
    if number in {1969, 3024, 1317}:
        return _too_slow()
    if number in {2006, 2013, 2014, 1053, 1152, 1158, 1159, 1160, 1161, 1927}:
        return _lost(where)
    if number in {1054, 1064, 1146, 1267, 1271, 1305, 1582, 1109, 1111, 1241, 1242, 1139}:
        return _not_understood(first)
    if number in {2002, 2003, 2005, 1040, 1203, 2026}:
        return _unreachable(first, where)
    if number in _NUMBERS_THAT_QUOTE:
        first = f"error {number}; its words are not shown, as they may quote a value"
    return OutsideError(f"{where} stopped with: {first}.", state=_KEPT, next_step="run the same command again")


_NUMBERS_THAT_QUOTE = {1105, 1292, 1300, 1366, 1411, 1525, 1644, 3140, 3141, 3156}  # and what functions SIGNAL


def _by_state(state: str, first: str, where: str) -> IncidentError:
    """PostgreSQL's SQLSTATE, by class."""
    if state == "42501":
        return _not_granted(first)
    if state == "25006":
        return _tried_to_write(first)
    if state == "57014":
        return _too_slow()
    if state.startswith("42"):
        return _not_understood(first)
    if state.startswith("22"):
        return OutsideError(
            f"A value in {where} could not be converted (SQLSTATE {state}); it is not shown, as it may be personal.",
            state=_KEPT,
            next_step="check the units and types in the map, or the condition, then run the same command again",
        )
    if state.startswith(("08", "57P")):
        return _lost(where)
    if state.startswith(_WORDS_OF_OTHERS):
        first = f"SQLSTATE {state}; its words are not shown, as they may quote a value"
    return OutsideError(f"{where} stopped with: {first}.", state=_KEPT, next_step="run the same command again")


# Functions, triggers and servers behind this one choose their own words.
_WORDS_OF_OTHERS = ("P0", "38", "39", "HV")


def _by_words(said: str, first: str, where: str) -> IncidentError:
    """SQLite, and PostgreSQL while connecting, name the cause in words only."""
    words = said.lower()
    if _NOT_UNDERSTOOD.search(words):  # first: what follows may be a name that a person wrote, such as "role"
        return _not_understood(first)
    return _by_words_while_connecting(words, where) or _by_words_of_sqlite(words, first, where)


def _by_words_while_connecting(words: str, where: str) -> IncidentError | None:
    """PostgreSQL's; they may name the user."""
    if "pg_hba.conf" in words:
        return _unreachable("the server's rules let this user in from here not at all, or only encrypted", where)
    if "authentication failed" in words or "no password supplied" in words or _NO_SUCH_ROLE.search(words):
        return _not_let_in(where)
    if "does not exist" in words and "database" in words:
        return _no_such_database(where)
    if "connection is lost" in words or "closed the connection" in words or "terminating connection" in words:
        return _lost(where)
    return None


def _by_words_of_sqlite(words: str, first: str, where: str) -> IncidentError:
    if "prohibited" in words or "not authorized" in words or "readonly database" in words:
        return RefusedError(
            "The condition asks for something that is not plain reading, or for a secret: it was refused.",
            state="Nothing was read, nothing was changed.",
            next_step="write a condition on columns that are no secrets",
        )
    if "interrupted" in words:
        return _too_slow()
    if "not a database" in words:
        return OutsideError(
            f"{where} is not an SQLite database.", state="Nothing was read.", next_step="check the path"
        )
    if "decode" in words:
        return OutsideError(
            f"{where} holds text that is not UTF-8.",
            state=_KEPT,
            next_step="mend that text in a copy, and scope the copy",
        )
    if "locked" in words or "busy" in words:
        return OutsideError(f"{where} is locked by a writer.", state=_KEPT, next_step="run the same command again")
    return _unreachable(first, where)


def _not_granted(first: str) -> OutsideError:
    return OutsideError(
        f"This database user may not read what the map names: {first}.",
        state=_KEPT,
        next_step="GRANT SELECT on that table to the user, or use another one",
    )


def _tried_to_write(first: str) -> RefusedError:
    return RefusedError(
        f"The condition tried to write, and the database refused: {first}.",
        state="Nothing was changed.",
        next_step="write a condition that only reads",
    )


def _not_let_in(where: str) -> OutsideError:
    return OutsideError(
        f"{where} did not accept that user name and password.",
        state="Nothing was read.",
        next_step="correct the database URL; special characters in a password are written %-encoded",
    )


def _no_such_database(where: str) -> OutsideError:
    return OutsideError(
        f"The server knows no such database: {where}.", state="Nothing was read.", next_step="correct its name"
    )


def _unreachable(first: str, where: str) -> OutsideError:
    return OutsideError(
        f"{where} cannot be reached: {_reason(first)}.",
        state="Nothing was read.",
        next_step="check host, port and network, then run the same command again",
    )


def _reason(first: str) -> str:
    for words, plain in _REASONS.items():
        if words.lower() in first.lower():
            return plain
    return first.rsplit("failed: ", 1)[-1].rstrip(".")


_NOT_UNDERSTOOD = re.compile(r"no such (?:column|function|table)|syntax error|supply a value for binding|^binding \d")
_NO_SUCH_ROLE = re.compile(r'role ".*" (?:does not exist|is not permitted to log in)')
_REASONS = {
    "Connection refused": "connection refused",
    "could not translate host name": "no such host",
    "Name or service not known": "no such host",
    "timeout expired": "timeout expired",
    "timed out": "timeout expired",
    "No such file": "no such file",
    "SSL": "the encrypted connection failed",
    "Too many connections": "too many connections",
    "too many clients": "too many connections",
    "connection slots are reserved": "too many connections",
    "permission denied for database": "this user may not connect to that database",
}


def _too_slow() -> OutsideError:
    return OutsideError(
        "The database needed longer than the time limit.",
        state=_KEPT,
        next_step="run it again with a larger --timeout, or narrow the question",
    )


def _not_understood(first: str) -> UsageError:
    return UsageError(
        f"The database does not understand the condition: {first}.",
        state="Nothing was sealed.",
        next_step="correct --where, or `filter` in the map",
    )


def _lost(where: str) -> OutsideError:
    return OutsideError(f"The connection to {where} was lost.", state=_KEPT, next_step="run the same command again")
