"""
Spark SQL as SQLAlchemy sees it: how a statement is spelled and sent to its Thrift server, and what its catalogue says.

PyHive carries the messages and nothing else. Its own dialect is Hive's: on Spark it takes the schema for the table, and
its texts let the server put `${env:…}` in. Every value here becomes a literal that no setting of a server reads
otherwise, because the protocol has no parameters of its own.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import default
from sqlalchemy.engine.reflection import cache
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError
from sqlalchemy.sql import compiler

_CONNECT_MILLISECONDS = 10_000
# Whatever could end a text, begin an escape or be put in by the server (`${…}`), and what no statement shows well.
_UNSAFE = re.compile(r"[\\'\"$`\x00-\x1f\x7f-\xa0\u2028\u2029]")
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")+)\"")


def literal(value: object) -> str:
    """`value` as Spark SQL; raises TypeError for a kind of value that no statement of ours holds."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return f"({value})" if value < 0 else str(value)  # "--5" would begin a comment
        case str():
            return "'" + _UNSAFE.sub(_escape, value) + "'"
        case datetime():
            kind = "TIMESTAMP_NTZ" if value.tzinfo is None else "TIMESTAMP_LTZ"
            at = value if value.tzinfo is None else value.astimezone(UTC)
            return f"{kind}'{at.isoformat(sep=' ')}'"
        case date():
            return f"DATE'{value.isoformat()}'"
    raise TypeError(f"a value of the type {type(value).__name__} has no spelling in Spark SQL")


def _escape(sign: re.Match[str]) -> str:
    return "\\n" if sign[0] == "\n" else f"\\u{ord(sign[0]):04x}"  # a list of keys has many lines


def respelled(condition: str) -> str:
    """A condition in standard SQL in Spark's: texts without escapes, and names where double quotes mean names."""

    def one(found: re.Match[str]) -> str:
        if found[1] is not None:
            return literal(found[1].replace("''", "'"))
        return _backticked(found[2].replace('""', '"'))

    return _QUOTED.sub(one, condition)


def _backticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class _Preparer(compiler.IdentifierPreparer):
    """Every name in backticks: which words are reserved hangs on the server's settings."""

    def __init__(self, dialect: sa.Dialect) -> None:
        super().__init__(dialect, initial_quote="`", escape_quote="`")

    def _requires_quotes(self, value: str) -> bool:
        return True

    def quote_schema(self, schema: str, force: Any = None) -> str:
        return ".".join(self.quote_identifier(part) for part in schema.split("."))  # a catalogue, and a schema in it


class _Compiler(compiler.SQLCompiler):
    def escape_literal_column(self, text: str) -> str:
        return respelled(text).replace("%", "%%")

    def visit_try_cast(self, element: Any, **kw: Any) -> str:
        return f"try_cast({self.process(element.clause, **kw)} AS {self.process(element.typeclause, **kw)})"

    # Which of two arguments is taken out of the other is another in every function; in this form it is said.

    def visit_trim_func(self, fn: Any, **kw: Any) -> str:
        return self._trimmed("BOTH", fn, **kw)

    def visit_rtrim_func(self, fn: Any, **kw: Any) -> str:
        return self._trimmed("TRAILING", fn, **kw)

    def _trimmed(self, where: str, fn: Any, **kw: Any) -> str:
        value, *signs = (self.process(clause, **kw) for clause in fn.clauses)
        taken = signs[0] if signs else "' '"
        return f"trim({where} {taken} FROM {value})"


class _Types(compiler.GenericTypeCompiler):
    def visit_TEXT(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return "STRING"

    visit_VARCHAR = visit_CHAR = visit_TEXT  # noqa: N815 - SQLAlchemy's names

    def visit_INTEGER(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return "INT"

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return f"DECIMAL({type_.precision or 38}, {type_.scale or 0})"

    def visit_BLOB(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return "BINARY"

    def visit_TIMESTAMP(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return "TIMESTAMP" if type_.timezone else "TIMESTAMP_NTZ"


class _Nested(sa.types.UserDefinedType[Any]):
    """A type that holds others, or one that SQLAlchemy has no word for, as the catalogue spells it."""

    cache_ok = True

    def __init__(self, spelled: str = "") -> None:
        self.spelled = spelled

    def get_col_spec(self, **_: Any) -> str:
        return self.spelled


_TYPES: dict[str, Any] = {
    "tinyint": sa.SmallInteger(),
    "smallint": sa.SmallInteger(),
    "int": sa.Integer(),
    "bigint": sa.BigInteger(),
    "float": sa.Float(),
    "double": sa.Double(),
    "boolean": sa.Boolean(),
    "string": sa.Text(),
    "varchar": sa.Text(),
    "char": sa.Text(),
    "binary": sa.LargeBinary(),
    "date": sa.Date(),
    "timestamp": sa.TIMESTAMP(timezone=True),
    "timestamp_ltz": sa.TIMESTAMP(timezone=True),
    "timestamp_ntz": sa.TIMESTAMP(timezone=False),
}


def _type(spelled: str) -> Any:
    if number := re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", spelled):
        return sa.Numeric(int(number[1]), int(number[2]))
    return _TYPES.get(re.split(r"[ (]", spelled)[0], _Nested(spelled))


class SparkDialect(default.DefaultDialect):
    """
    `hive://[USER[:PASSWORD]@]HOST[:PORT]/SCHEMA[?auth=NONE|NOSASL|LDAP|CUSTOM]`, as PyHive's users write it.

    timeout_seconds: how long one answer of the server may take.
    """

    name = "hive"
    driver = "thrift"
    default_paramstyle = "pyformat"
    statement_compiler = _Compiler
    preparer: Any = _Preparer
    type_compiler_cls = _Types
    supports_native_boolean = True
    supports_statement_cache = True
    supports_sane_rowcount = False
    supports_multivalues_insert = True
    insert_returning = False
    default_schema_name = "default"
    has_terminate = True

    def __init__(self, timeout_seconds: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.timeout_seconds = timeout_seconds

    @classmethod
    def import_dbapi(cls) -> Any:
        from pyhive import hive

        return hive

    def create_connect_args(self, url: sa.URL) -> tuple[list[Any], dict[str, Any]]:
        query = dict(url.query)
        auth = str(query.pop("auth", "LDAP" if url.password else "NONE")).upper()
        if query or auth not in {"NONE", "NOSASL", "LDAP", "CUSTOM"}:
            raise ArgumentError("of options the URL takes auth=NONE, NOSASL, LDAP or CUSTOM only")
        return [url, auth], {}

    def connect(self, url: sa.URL, auth: str) -> Any:
        transport, socket = _transport(url, auth)
        with contextlib.ExitStack() as undo:
            undo.callback(socket.close)
            connection = self.loaded_dbapi.connect(
                thrift_transport=transport, username=url.username, database=url.database or "default"
            )
            undo.pop_all()
        socket.setTimeout(self.timeout_seconds * 1000 if self.timeout_seconds else None)
        connection.incident_way = url, auth, socket
        return connection

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        named = {name: literal(value) for name, value in parameters.items()} if parameters else {}
        cursor.execute(statement % named)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        cursor.execute(statement)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        for one in parameters:
            self.do_execute(cursor, statement, one)

    def do_begin(self, dbapi_connection: Any) -> None:
        """Spark has no transactions."""

    do_rollback = do_commit = do_begin

    def do_close(self, dbapi_connection: Any) -> None:
        _, _, socket = dbapi_connection.incident_way
        if socket.broken:
            self.do_terminate(dbapi_connection)
            return
        with contextlib.suppress(*self.outside_errors()):
            dbapi_connection.close()
        socket.close()

    def do_terminate(self, dbapi_connection: Any) -> None:
        """After a time limit or an interruption the answer is still under way: the session is ended from beside it."""
        from TCLIService import TCLIService
        from TCLIService.ttypes import TCloseSessionReq
        from thrift.protocol.TBinaryProtocol import TBinaryProtocol

        url, auth, socket = dbapi_connection.incident_way
        socket.close()
        transport, beside = _transport(url, auth)
        # A server that is gone cannot be told, and has nothing to end.
        with contextlib.suppress(*self.outside_errors()), contextlib.closing(beside):
            transport.open()
            TCLIService.Client(TBinaryProtocol(transport)).CloseSession(
                TCloseSessionReq(dbapi_connection.sessionHandle)
            )

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        return not isinstance(e, self.loaded_dbapi.Error)

    @staticmethod
    def outside_errors() -> tuple[type[Exception], ...]:
        """What PyHive and Thrift raise when the other side is not there, or not what they thought it was."""
        from pyhive.exc import Error
        from thrift.Thrift import TException

        return (Error, TException, OSError, EOFError, AssertionError)

    # -- the catalogue

    def _get_server_version_info(self, connection: sa.Connection) -> tuple[int, ...]:
        words = str(connection.exec_driver_sql("SELECT version()").scalar())
        return tuple(int(part) for part in re.findall(r"\d+", words.split(" ")[0])[:3])

    def _get_default_schema_name(self, connection: sa.Connection) -> str:
        return str(connection.exec_driver_sql("SELECT current_database()").scalar())

    @cache
    def get_schema_names(self, connection: sa.Connection, **kw: Any) -> list[str]:
        return [row[0] for row in connection.exec_driver_sql("SHOW SCHEMAS")]

    @cache
    def get_table_names(self, connection: sa.Connection, schema: str | None = None, **kw: Any) -> list[str]:
        place = f" IN {self.identifier_preparer.quote_schema(schema)}" if schema else ""
        views = set(self.get_view_names(connection, schema, **kw))
        names = [row[1] for row in connection.exec_driver_sql(f"SHOW TABLES{place}".replace("%", "%%"))]
        return [name for name in names if name not in views]

    @cache
    def get_view_names(self, connection: sa.Connection, schema: str | None = None, **kw: Any) -> list[str]:
        place = f" IN {self.identifier_preparer.quote_schema(schema)}" if schema else ""
        return [row[1] for row in connection.exec_driver_sql(f"SHOW VIEWS{place}".replace("%", "%%"))]

    @cache
    def get_columns(
        self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[Any]:
        table = self.identifier_preparer.format_table(sa.table(table_name, schema=schema))
        try:
            rows = connection.exec_driver_sql(f"DESCRIBE TABLE {table}".replace("%", "%%")).fetchall()
        except DBAPIError as error:
            if state_and_words(error.orig)[0] == "42P01":
                raise NoSuchTableError(table_name) from None
            raise
        names = [row[0] or "#" for row in rows]
        end = next((place for place, name in enumerate(names) if name.startswith("#")), len(rows))
        return [
            {"name": row[0], "type": _type(row[1]), "nullable": True, "default": None, "comment": row[2]}
            for row in rows[:end]
        ]

    @cache
    def has_table(self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        try:
            return bool(self.get_columns(connection, table_name, schema, **kw))
        except NoSuchTableError:
            return False

    def get_pk_constraint(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> list[Any]:
        return []

    get_indexes = get_unique_constraints = get_foreign_keys


def state_and_words(error: object) -> tuple[str, str]:
    """The SQLSTATE and the message of PyHive's error, which carries the server's whole answer; empty where none."""
    answer = error.args[0] if isinstance(error, Exception) and error.args else None
    status = getattr(answer, "status", None)
    return str(getattr(status, "sqlState", None) or ""), str(getattr(status, "errorMessage", None) or "")


def _transport(url: sa.URL, auth: str) -> tuple[Any, Any]:
    """What PyHive would make, but with a time limit on the way to the server; and the socket inside."""
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport

    class Socket(TSocket):  # type: ignore[misc]  # Thrift has no annotations
        """One that is closed by the first failure, so that nobody waits a second time for the same answer."""

        broken = False

        def read(self, sz: int) -> bytes:
            try:
                found: bytes = super().read(sz)
            except BaseException:
                self.broken = True
                self.close()
                raise
            return found

    socket = Socket(url.host or "localhost", url.port or 10000)
    socket.setTimeout(_CONNECT_MILLISECONDS)
    if auth == "NOSASL":
        return TBufferedTransport(socket), socket
    from pyhive.hive import get_installed_sasl
    from thrift_sasl import TSaslClientTransport

    # Without log-in any name and password will do, but there must be some.
    known: Mapping[str, Any] = {"username": url.username or "incident", "password": str(url.password or "none")}
    transport = TSaslClientTransport(
        lambda: get_installed_sasl(host=url.host, sasl_auth="PLAIN", service=None, **known), "PLAIN", socket
    )
    return transport, socket
