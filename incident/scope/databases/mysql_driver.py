"""
The driver for MariaDB and MySQL.

mysqlclient where it is installed: it is compiled, and reads a list of millions ten times as fast. Else PyMySQL, which
installs anywhere. What a URL says of encryption only PyMySQL is told, so a URL that asks for it is opened with that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy.engine import URL

from incident.scope.failures import no_driver

# The programs that print these say it in three ways; the values are the same.
_ENCRYPTED: Mapping[str, Mapping[str, Any]] = {
    "DISABLED": {"ssl_disabled": True},
    "PREFERRED": {},
    "REQUIRED": {"ssl": {"check_hostname": False, "verify_mode": "none"}},
    "VERIFY_CA": {"ssl_verify_cert": True},
    "VERIFY_IDENTITY": {"ssl_verify_cert": True, "ssl_verify_identity": True},
}
_CERTIFICATES = ("ssl_ca", "ssl_cert", "ssl_key")
_WHOLE = ("TINY", "SHORT", "INT24", "LONG", "LONGLONG", "NEWDECIMAL", "DECIMAL")


@dataclass(frozen=True)
class Driver:
    """error: what every failure of it is. unheld: the cursor that does not hold the whole result."""

    module: Any
    error: type[Exception]
    unheld: Any

    def connect(self, url: URL, *, read_timeout: int) -> Any:
        """A connection; counts are whole numbers, and everything else leaves the database as text."""
        types = import_module(f"{self.module.__name__}.constants.FIELD_TYPE")
        converters = import_module(f"{self.module.__name__}.converters")
        known = getattr(converters, "encoders", None) or converters.conversions
        encoders = {kind: encoder for kind, encoder in known.items() if isinstance(kind, type)}
        conversions = encoders | {getattr(types, name): int for name in _WHOLE}
        return self.module.connect(**_settings(url), conv=conversions, read_timeout=read_timeout)


def driver_for(url: URL) -> Driver:
    """The driver to open `url` with; raises UsageError where none is installed."""
    for name in ("pymysql",) if _encryption(url) else ("MySQLdb", "pymysql"):
        try:
            module, cursors = import_module(name), import_module(f"{name}.cursors")
        except ImportError:
            continue
        return Driver(module, module.MySQLError, cursors.SSCursor)
    raise no_driver("MySQL", "mysql")


def _encryption(url: URL) -> dict[str, Any]:
    asked = {name: value for name, value in url.query.items() if name in _CERTIFICATES}
    mode = next((str(url.query[name]) for name in ("ssl-mode", "ssl_mode", "sslmode") if name in url.query), "")
    return {**asked, **_ENCRYPTED.get(mode.upper().replace("-", "_"), {})}


def _settings(url: URL) -> dict[str, Any]:
    """What the driver is told; options that are meant for other programs are left out."""
    socket = url.query.get("unix_socket")
    return {
        "host": url.host or "localhost",
        "port": url.port or 3306,
        "user": url.username or "",
        "password": url.password or "",
        "database": url.database,
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": 10,
        **({"unix_socket": socket} if isinstance(socket, str) else {}),
        **_encryption(url),
    }
