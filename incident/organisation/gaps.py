"""
What a profile says of itself that it lacks: `incomplete` and `missing` under [organisation]. Pure.

A policy that breaks off, or names no controller, is a fact about its company. Saying so is better than inventing the
rest; letters are stopped by what they need, never by this.
"""

from __future__ import annotations

import difflib

from incident.datafile import Section

_ABOUT = (
    "name", "country", "role", "register_number", "address", "website", "service", "sector", "minimum_age",
    "people_live_in", "size", "activity_code", "establishments", "parent_company", "is",
    "complaints_to",
)  # fmt: skip
_CONTACT = ("name", "role", "email", "phone", "hours", "address", "identity_number")
_TABLES = {
    "contact": _CONTACT,
    "dpo": _CONTACT,
    "representative": _CONTACT,
    "authority": ("name", "country", "email", "website", "how"),
    "promise": (),
    "claim": (),
    "contract": (),
    "retention": (),
    "processor": (),
    "holds": ("categories", "never"),
    "accounts": (),
    "sender": ("name", "email", "reply_to"),
}
# Where the profile has them under another name than the file.
ATTRIBUTES = {
    "is": "kinds",
    "promise": "promises",
    "claim": "claims",
    "contract": "contracts",
    "processor": "processors",
    "holds.categories": "holds",
    "holds.never": "never_holds",
}
# The keys somebody can say are missing, as they are written in the file.
KEYS = (*_ABOUT, *_TABLES, *(f"{table}.{key}" for table, keys in _TABLES.items() for key in keys))


def read_missing(about: Section) -> tuple[str, ...]:
    """
    The list `missing`: keys of the profile, or what is missing in words.

    Raises UsageError for a single word that is no key: it is more likely misspelt than free.
    """
    missing = about.texts("missing")
    for entry in missing:
        if entry not in KEYS and " " not in entry.strip():
            near = difflib.get_close_matches(entry, KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else "say it in two words or more"
            about.wrong("missing", f'names "{entry}", which is not a key of the profile; {hint}')
    if missing and "incomplete" not in about:
        about.wrong("missing", "needs incomplete beside it: one sentence on why")
    return missing
