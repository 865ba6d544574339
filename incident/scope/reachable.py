"""
Which addresses no mail can reach, as far as their form tells. Sending knows a few finer rules (docs/scope.md).

Judged here for every database alike, and by the thousand: nearly every address is a plain one, and one look tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_LONGEST = 254
_RESERVED = "arpa|invalid|local|localhost|onion|test"  # RFC 6761, 6762 and 7686: nobody's mail
# Everyday addresses, each on a line; they end in letters that no reserved name and no number has. What was matched is
# never tried again in another way (++ and *+), which makes it a single pass.
_PLAIN = re.compile(r"(?:[A-Za-z0-9]++(?:[._+-][A-Za-z0-9]++)*+@(?:[A-Za-z0-9]++[.-])*[A-Za-z0-9]+\.[A-Za-z]{2,3}\n)*+")
_NO_ADDRESS = re.compile(
    r".*[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-].*@.*"  # before the @ only these; a second @ is none of them
    r"|.*@.*[\x01-,/:-@\[-`{-\x7f].*"  # behind it letters, digits, dots and hyphens; letters of any script
    r"|\..*|.*\.@.*|.*\.\..*|.*@[.-].*|.*@.*-\..*|.*@.*\.-.*|.*[.-]"
    rf"|.*@.*\.[0-9]{{1,3}}|.*\.(?i:{_RESERVED})",
    re.DOTALL,
)
_DOTTED = re.compile(r".*@.+\..+", re.DOTALL)
_OTHER_SCRIPT = re.compile(r".*@.*[^\x01-\x7f].*", re.DOTALL)  # other scripts have full stops of their own


def cannot_be_reached(address: str | None) -> bool:
    """Whether this is no address, or one that no mail can reach."""
    bare = (address or "").strip()
    at = bare.rfind("@")
    return (
        at < 1
        or at == len(bare) - 1
        or len(bare) > _LONGEST
        or at > _LONGEST_LOCAL
        or _NO_ADDRESS.fullmatch(bare) is not None
        or (_DOTTED.fullmatch(bare) is None and _OTHER_SCRIPT.fullmatch(bare) is None)
    )


def how_many_cannot_be_reached(addresses: Iterable[str | None]) -> int:
    """How many of `addresses`, None among them."""
    several = list(addresses)
    found = [address for address in several if address]
    lines = "\n".join([*found, ""])
    plain = max(map(len, found), default=0) <= _LONGEST_LOCAL and lines.count("\n") == len(found)
    if plain and _PLAIN.fullmatch(lines):
        return len(several) - len(found)
    return sum(map(cannot_be_reached, several))
