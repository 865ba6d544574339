"""Which addresses no mail can reach, as far as their form tells. Sending knows a few finer rules (docs/scope.md)."""

from __future__ import annotations

import sqlalchemy as sa

from incident.scope.dialects import Engine, Expression

# What Python's `strip` removes, as sending does.
_BLANKS = "".join(sign for sign in map(chr, range(1, 0x3001)) if sign.isspace())
_LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_RESERVED = ("arpa", "invalid", "local", "localhost", "onion", "test")  # RFC 6761, 6762 and 7686: nobody's mail
# Shapes of `Engine.matches_any` that no mail service takes.
_NO_ADDRESS = (
    "*[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*@*",  # before the @ only these; a second @ is none of them
    "*@*[\x01-,/:-@[-`{-\x7f]*",  # behind it letters, digits, dots and hyphens; letters of any script
    ".*",
    "*.@*",
    "*..*",
    "*@[.-]*",
    "*@*-.*",
    "*@*.-*",
    "*[.-]",
    *("*@*." + "[0-9]" * digits for digits in (1, 2, 3)),
    *("*." + "".join(f"[{letter}{letter.upper()}]" for letter in name) for name in _RESERVED),
)


def cannot_be_reached(stored: Expression, engine: Engine) -> Expression:
    """Whether `stored`, a text, is no address or one that no mail can reach."""
    stored = engine.by_bytes(stored)
    bare = sa.func.trim(stored, _BLANKS)
    # Nearly every address is a plain one, and needs none of the closer looks.
    return sa.case(
        (stored.is_(None), sa.true()),
        (sa.and_(sa.func.length(stored) <= _LONGEST_LOCAL, engine.is_plain_address(stored)), sa.false()),
        else_=_cannot_work(bare, engine),
    )


def _cannot_work(address: Expression, engine: Engine) -> Expression:
    return sa.or_(
        address.not_like("_%@_%"),
        engine.matches_any(address, _NO_ADDRESS),
        # Other scripts have full stops of their own.
        sa.and_(address.not_like("%@_%._%"), sa.not_(engine.matches_any(address, ("*@*[^\x01-\x7f]*",)))),
        sa.and_(sa.func.length(address) > _LONGEST_LOCAL, address.like("_" * (_LONGEST_LOCAL + 1) + "%@%")),
        sa.func.length(address) > 254,
    )
