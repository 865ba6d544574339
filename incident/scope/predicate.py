"""
SQL that a person wrote, let in only as one condition: it cannot end the statement, hide behind a comment or write.

The read-only transaction is what makes writing impossible; this makes the refusal early and its reason plain.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from incident.errors import UsageError
from incident.scope.discovery.secrecy import looks_secret as looks_secret

_TOKEN = re.compile(
    r"""(?P<escape>[eE]'|[uU]&['"]|\b[xXbBnN]')
      | '(?P<text>(?:[^']|'')*)'
      | "(?P<quoted>(?:[^"]|"")+)"
      | (?P<word>[^\W\d][\w]*)
      | (?P<number>\d[\w.]*)
      | (?P<space>\s+)
      | (?P<mark>--|/\*|\*/|\#|.)""",
    re.VERBOSE | re.DOTALL,
)
_ADDRESS = re.compile(r"[^\s%@]+@[^\s%@]+\.[^\s%@]+")
LEFT_OUT = "an address that the record does not keep"
_MARKS = {
    ";": "a semicolon",
    "--": "a comment",
    "/*": "a comment",
    "*/": "a comment",
    "#": "a comment",
    "$": "a dollar sign",
    "`": "a backtick",
    "\\": "a backslash outside a text",
    "'": "a text that does not end",
    '"': "a name that does not end",
    "\0": "a NUL character",
}
_WORDS = frozenset(
    """
    insert update delete merge truncate drop alter create grant revoke copy call do execute prepare vacuum
    attach detach pragma reindex analyze lock notify listen set reset begin commit rollback savepoint into for
    load_extension writefile readfile nextval setval set_config dblink dblink_exec query_to_xml database_to_xml
    xmlparse
    """.split()  # noqa: SIM905 - forty words read better than forty strings
)
_FAMILIES = ("pg_", "lo_", "dblink", "incident_")


def quoted_names(text: str) -> list[str]:
    """The names in double quotes, as they are; SQLite takes one that no column has for a text, and says nothing."""
    return [token["quoted"].replace('""', '"') for token in _TOKEN.finditer(text) if token["quoted"]]


def names_somebody(text: str) -> bool:
    """Whether a text in it is somebody's whole e-mail address; `'%@example.com'` is nobody's."""
    return any(_ADDRESS.search(token["text"]) for token in _TOKEN.finditer(text) if token["text"])


def has_address(words: str) -> bool:
    """Whether a whole e-mail address stands anywhere in words; a realm such as `@example.com` is none."""
    return bool(_ADDRESS.search(words))


def without_addresses(statement: str, condition: str) -> str:
    """`statement`, with the texts in it that come from `condition` and hold a whole address left out."""
    for token in _TOKEN.finditer(condition):
        if token["text"] and has_address(token["text"]):
            for written in (token.group(), token.group().replace("%", "%%")):  # as some drivers take it
                statement = statement.replace(written, f"'{LEFT_OUT}'")
    return statement


def check_predicate(text: str, *, what: str, file: str | None = None, datamap_secrets: Collection[str] = ()) -> None:
    """
    Raise UsageError unless `text` is one harmless condition.

    what: its name in the message ("--where"). datamap_secrets: columns that may not be named, in small letters.
    """
    if why := _fault(text, datamap_secrets):
        raise UsageError(
            f"{what}{f' in {file}' if file else ''} cannot be used: {why}.",
            state="Nothing was read, nothing was changed.",
            next_step="write one condition on the account table, such as: country = 'EE' AND plan <> 'trial'",
        )


def _fault(text: str, secrets: Collection[str]) -> str | None:
    depth = 0
    before = ""
    seen = False
    for token in _TOKEN.finditer(text):
        kind, value = token.lastgroup, token.group()
        if kind == "space":
            continue
        seen = True
        name = (token["quoted"] or token["word"] or "").lower()
        if kind == "escape":
            return f"it holds a text with a prefix ({value})"
        if kind == "mark" and value in _MARKS:
            return f"it holds {_MARKS[value]}"
        if kind == "mark" and value == "*" and before in {".", "select", ","}:
            return "it names all columns of a table at once, and a secret may be among them"
        if kind == "word" and (name in _WORDS or name.startswith(_FAMILIES)):
            return f"it holds the word {value}"
        if name and (name in secrets or looks_secret(name)):
            return f"it names {value}, which is a secret"
        depth += {"(": 1, ")": -1}.get(value, 0)
        if depth < 0:
            return "a parenthesis closes that was not opened"
        before = value.lower()
    if not seen:
        return "it is empty"
    return "a parenthesis is left open" if depth else None
