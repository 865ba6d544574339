"""
What values look like, never what they are. A sample of rows goes in; names of shapes and known words come out.

Whatever could be a value is dropped: a member of a document is named only where its name is a word of the vocabularies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any

from incident.scope.discovery.columns import role_of_words
from incident.scope.discovery.names import words
from incident.scope.discovery.secrecy import looks_secret

_SHARE = 0.8  # of the values that are there must look so
_FORMS = (
    ("e-mail address", re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")),
    (
        "password hash",
        re.compile(
            r"\$2[aby]\$\d\d\$.{53}|\$argon2.*|pbkdf2_\w+\$.*|\$P\$.{31}|\$[156]\$.*|bcrypt.*\$.*|\{SSHA.*\}.*|scrypt:.*"
        ),
    ),
    ("signed token", re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]+\.[\w-]*")),
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL)),
    ("ISO time", re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")),
    ("language tag", re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")),
    ("country code", re.compile(r"[A-Z]{2}")),
    ("telephone number", re.compile(r"\+\d[\d ()-]{6,18}")),
)
_SECONDS = range(10**8, 10**10)
_MILLISECONDS = range(10**11, 10**14)
_ACTORS = {"user_id", "actor_id", "sub", "uid", "userId", "actorId", "account_id", "customer_id"}


def shapes_of(values: Iterable[Any]) -> frozenset[str]:
    """The shapes that four in five of the values have; empty where there are none."""
    there = [value for value in values if value is not None and value != ""]
    if not there:
        return frozenset()
    found = [shape for value in there for shape in _shapes(value)]
    return frozenset(shape for shape in set(found) if found.count(shape) >= _SHARE * len(there))


def members_of(values: Iterable[Any]) -> tuple[str, ...]:
    """The names, two levels deep, of members of JSON documents; only those that a vocabulary knows."""
    names: dict[str, None] = {}
    for value in values:
        document = _document(value)
        for name, inner in (document or {}).items():
            if not isinstance(inner, dict):
                names[name] = None
                continue
            names.update(
                (f"{name}.{second}", None) for second, last in inner.items() if not isinstance(last, dict | list)
            )
    return tuple(name for name in names if _is_known(name))


def known_names(values: Iterable[Any]) -> tuple[str, ...]:
    """Those of the names of rows that a vocabulary knows; any other could be a value of somebody's."""
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and _is_known(value)))


def _is_known(name: str) -> bool:
    if not re.fullmatch(r"[\w.-]{1,60}", name) or len(re.findall(r"\d", name)) > 2:
        return False
    # Each part must be made of the vocabulary's words: {"profile": {"ann.smith": …}} names a person.
    parts = [words(part) for part in name.split(".")]
    return bool(parts[-1]) and (
        name in _ACTORS or role_of_words(parts[-1]) is not None or looks_secret(name.rpartition(".")[2])
    )


def _shapes(value: Any) -> list[str]:
    if isinstance(value, bool):
        return []
    if isinstance(value, datetime | date):
        return ["ISO time"]
    if isinstance(value, int):
        return ["seconds since 1970"] * (value in _SECONDS) + ["milliseconds since 1970"] * (value in _MILLISECONDS)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ["JSON object"] if isinstance(value, dict) else []
    found = [shape for shape, form in _FORMS if form.fullmatch(value)]
    if _document(value) is not None:
        found.append("JSON object")
    try:
        ip_address(value)
        found.append("IP address")
    except ValueError:
        pass
    return found


def _document(value: Any) -> dict[str, Any] | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) else None
