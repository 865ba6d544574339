"""One byte form for one value, so that a digest means the value (RFC 8785 JSON, SHA-256)."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

Json = Any  # what `json.loads` can return; whole numbers stay within 2**53, as RFC 8785 demands


def canonical(value: Json) -> bytes:
    """The only spelling of `value` as JSON. Raises ValueError for what JSON cannot hold exactly."""
    return rfc8785.dumps(value)


def digest_of(data: bytes) -> str:
    """`sha256:` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
