"""Spark SQL's words, of Spark 4 and later. Its texts are UTF-8 and compare by their bytes as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Any

import sqlalchemy as sa

from incident.scope.datamap import Time
from incident.scope.dialects.spark_thrift import SparkDialect, state_and_words
from incident.scope.dialects.words import FIRST, LAST, Column, Expression, since_1970
from incident.scope.questions import Network
from incident.scope.readings import TIME_PATTERN

_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint")
_NESTED = ("struct", "map", "array", "variant")
_DAY = "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
# Escapes for characters that no text of the other engines holds: NUL, and half of a surrogate pair.
_NO_TEXT = (
    r"(?<!\\)(?:\\\\)*(?:\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F])"
)
_MEANS_MORE = re.compile(r"[\[\\&^]")  # inside one of Java's classes
# A line of a plan; a text with line ends in it makes lines of its own, which are none.
_STEP = re.compile(
    r"([ :+-]*)(Project|Filter|Join|Aggregate|Sort|Generate|Distinct|Union|Except|Window|Repartition|GlobalLimit"
    r"|LocalLimit|Relation|LocalRelation|OneRowRelation|LogicalRDD|View|SubqueryAlias)\b.*Statistics\(sizeInBytes="
)
_IPV4_IN_IPV6 = "0" * 20 + "ffff"  # the first 24 of 32 digits


class Spark:
    """
    Times are its own types or text; addresses of the network are text, told apart by their 32 hexadecimal digits.

    It rests on the session's settings that `session` makes.
    """

    dialect = SparkDialect(paramstyle="pyformat")
    ids = "incident_ids"
    reads_in_once = False
    # Functions that call Java, scripts (TRANSFORM, MAP and REDUCE … USING), and what some clusters add.
    harmful = re.compile(r"\b(reflect|try_reflect|java_method|transform|using|http_request|ai_\w+)\b", re.IGNORECASE)

    @staticmethod
    def session(timeout_seconds: int) -> list[str]:
        """What a session is told before anything is asked; all of it ends with the session."""
        return [
            "SET spark.sql.session.timeZone=UTC",
            "SET spark.sql.ansi.enabled=true",  # a condition that cannot be computed fails, and is not simply false
            "SET spark.sql.parser.escapedStringLiterals=false",  # what `literal` writes counts on it
            "SET spark.sql.variable.substitute=false",
            "SET spark.sql.variant.allowDuplicateKeys=true",
            "SET spark.sql.caseSensitive=false",
            "SET spark.sql.thriftServer.incrementalCollect=true",  # else the server holds the whole list in memory
            # Until a statement's first row; from there the connection's own limit holds.
            f"SET spark.sql.thriftServer.queryTimeout={timeout_seconds}",
        ]

    @staticmethod
    def plan(statement: str) -> str:
        return f"EXPLAIN COST {statement}"

    @staticmethod
    def planned(said: Sequence[str]) -> tuple[int | None, list[str]]:
        """Rows are known where the table was analysed. Of a step, its name, its table and its size: nothing asked."""
        steps: list[str] = []
        rows: int | None = None
        for line in said:
            found = _STEP.match(line)
            if found is None:
                continue
            counted = re.search(r"rowCount=([0-9.E+]+)\)$", line)
            rows = int(float(counted[1])) if counted and not steps else rows
            table = re.search(r"(?<=Relation )[\w.]+", line)
            size = re.search(r"sizeInBytes=([0-9.E+]+ \w+)", line)
            of = f" on {table[0]}" if table else ""
            steps.append(f"{' ' * len(found[1])}{found[2]}{of}{f', {size[1]}' if size else ''}")
        return rows, steps

    @staticmethod
    def reason(error: Exception) -> tuple[str, str]:
        """SQLSTATE and words. Spark puts values into many messages: only of names are they passed on whole."""
        state, message = state_and_words(error)
        if not message:
            words = str(error)
            if "Error validating the login" in words or "AUTHORIZATION" in words.upper():
                return "", "password authentication failed"
            late = "timed out" in words or "timeout" in words
            if "Could not connect" in words:
                return "", "timeout expired" if late else "Connection refused"
            return "57014" if late else "08006", type(error).__name__
        named = re.search(r"\[([A-Z_.]+)\]", message)
        if "timed out" in message or "cancelled" in message.lower():
            return "57014", "time limit"
        if state.startswith("42"):
            return state, message.partition("SQLSTATE")[0].partition("Exception: ")[2].split("\n")[0].rstrip(" ;.")
        return state or "XX000", named[1] if named else "an error without a name"

    def text(self, value: Expression) -> Expression:
        return sa.cast(value, sa.Text)

    def exact(self, column: Column) -> Expression:
        return self.text(column.value) if "collate" in column.type else column.value

    def concat(self, parts: Sequence[Expression]) -> Expression:
        return sa.func.concat(*parts)

    def json_value(self, column: Column, path: Sequence[str]) -> Expression:
        """As `Engine` says, but fractions as Spark writes them: 1.50 is 1.5, and past 38 digits they are rounded."""
        nested = column.type.startswith(_NESTED)
        document: Expression = sa.func.to_json(column.value) if nested else self.text(column.value)
        # Between brackets, so that nothing can follow the document unseen.
        whole = sa.func.try_parse_json(sa.func.concat("[", document, "]"))
        one = sa.and_(sa.func.try_variant_get(whole, "$[1]", "variant").is_(None), sa.not_(_like(document, _NO_TEXT)))
        found, place = whole, "$[0]"
        for name in path:
            members = sa.func.try_variant_get(found, place, "map<string, variant>")
            found, place = sa.func.try_element_at(members, name), "$"
        kind = sa.func.schema_of_variant(found)
        text = sa.func.try_variant_get(found, "$", "string")
        long = sa.cast(sa.func.try_variant_get(found, "$", "decimal(38, 15)"), sa.Text)
        scalar = sa.case(
            (kind == "DOUBLE", sa.func.coalesce(sa.func.regexp_replace(long, "[.]?0+$", ""), text)),
            (sa.not_(_like(kind, r"\A(OBJECT|ARRAY)")), text),
        )
        return sa.case((one, scalar))

    def by_bytes(self, value: Expression) -> Expression:
        return value

    def grouped(self, value: Expression) -> tuple[Expression, Expression]:
        return value, value

    def lower(self, value: Expression) -> Expression:
        return sa.func.translate(value, _CAPITALS, _SMALL)

    def upper(self, value: Expression) -> Expression:
        return sa.func.translate(value, _SMALL, _CAPITALS)

    def matches_any(self, value: Expression, shapes: Sequence[str]) -> Expression:
        return _like(value, rf"(?s)\A(?:{'|'.join(map(_pattern, shapes))})\z")

    def utc(self, column: Column, time: Time) -> Expression:
        at = self._instant(column, time)
        return sa.func.date_format(at, "yyyy-MM-dd'T'HH:mm:ss'Z'")

    def unreadable(self, column: Column, time: Time) -> Expression:
        native = _kind(column.type) != "text"
        return column.value.is_(None) if native else self._instant(column, time).is_(None)

    def day(self, column: Column, time: Time) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return sa.func.substr(self.utc(column, time), 1, 10)
        if _kind(column.type) != "text":
            return sa.func.date_format(column.value, "yyyy-MM-dd")
        value = self.text(column.value)
        return sa.case((_like(value, _DAY), sa.func.substr(value, 1, 10)))

    def not_before(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at, not_before=True)

    def not_after(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at + timedelta(seconds=1), not_before=False)

    def is_address(self, column: Column) -> Expression:
        return sa.func.coalesce(_like(self._trimmed(column), _ADDRESS), sa.false())

    def within(self, column: Column, networks: Sequence[Network]) -> Expression:
        def inside(address: Expression) -> Expression:
            of_version_6 = sa.func.instr(address, ":") > 0
            digits = _once(_digits(address), "digits", lambda digits: _in_any(digits, of_version_6, networks))
            return sa.case((_like(address, _ADDRESS), digits), else_=sa.false())

        return sa.func.coalesce(_once(self._trimmed(column), "address", inside), sa.false())

    def listed_ids(self, text: str) -> sa.Select[Any]:
        lines = sa.func.split(sa.bindparam(self.ids, text, sa.Text), "\n")
        return sa.select(sa.func.explode(lines).label("key"))

    def _trimmed(self, column: Column) -> Expression:
        return self.lower(sa.func.trim(self.text(column.value)))

    def _compare(self, column: Column, time: Time, at: datetime, *, not_before: bool) -> Expression:
        """`column` at or after `at`, or before it; in the column's own unit, so that whole files can be left out."""
        kind = _kind(column.type)
        value: Expression = column.value
        bound: Any = at
        if time.unit in {"seconds", "milliseconds"}:
            bound = since_1970(at, time.unit)
            value = value if column.type in _WHOLE_NUMBERS else sa.try_cast(value, sa.BigInteger)
        elif kind == "naive" and time.zone == "UTC":
            bound = at.replace(tzinfo=None)
        elif kind != "instant":
            value = self._instant(column, time)
        exact: Expression = value >= bound if not_before else value < bound
        if kind in {"instant", "date"} or time.unit in {"seconds", "milliseconds"} or not 2 < at.year < 9998:
            return exact
        # No zone is more than a day from UTC; this half is in the column's own words.
        edge: Any = at.replace(tzinfo=None) + timedelta(days=-2 if not_before else 2)
        if kind == "text":
            edge = f"{edge:%Y-%m-%d}".zfill(10)
        coarse: Expression = column.value >= edge if not_before else column.value < edge
        return sa.and_(coarse, exact)

    def _instant(self, column: Column, time: Time) -> Expression:
        """`column` as a TIMESTAMP; NULL where it is no time, or outside the years 1 to 9999."""
        kind = _kind(column.type)
        if time.unit in {"seconds", "milliseconds"}:
            return _since_1970(column, thousand=time.unit == "milliseconds")
        if kind == "text":
            return _parsed(self.text(column.value), time.zone)
        at = column.value
        if kind != "instant":
            at = sa.cast(at, sa.TIMESTAMP(timezone=True))
            at = at if time.zone == "UTC" else sa.func.to_utc_timestamp(at, time.zone)
        return sa.case((sa.func.unix_seconds(at).between(FIRST, LAST), at))


def _like(value: Expression, pattern: str) -> Expression:
    return value.op("RLIKE", is_comparison=True)(pattern)


def _kind(type_name: str) -> str:
    """The kinds of Spark's types that are treated differently."""
    kinds = {"timestamp": "instant", "timestamp_ltz": "instant", "timestamp_ntz": "naive", "date": "date"}
    return kinds.get(type_name, "text")


def _pattern(shape: str) -> str:
    """A shape of `matches_any` as Java's regular expression, where "[" and "&" mean something inside a class too."""
    found = ""
    for part in re.split(r"(\*|\[[^\]]*\])", shape):
        if part == "*":
            found += ".*"
        elif part.startswith("["):
            not_ = "^" if part[1] == "^" else ""
            found += f"[{not_}{_MEANS_MORE.sub(_escaped, part[1 + len(not_) : -1])}]"
        else:
            found += re.escape(part)
    return found


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _since_1970(column: Column, *, thousand: bool) -> Expression:
    value: Expression = column.value
    first, last = (FIRST * 1000, LAST * 1000 + 999) if thousand else (FIRST, LAST)
    if column.type not in _WHOLE_NUMBERS:
        value = sa.try_cast(value, sa.Numeric(38, 6))
    whole = sa.cast(sa.func.floor(value), sa.BigInteger)
    at = sa.func.timestamp_millis(whole) if thousand else sa.func.timestamp_seconds(whole)
    return sa.case((value.between(first, last), at))


def _parsed(value: Expression, zone: str) -> Expression:
    """A time in text, by the grammar of `readings.py`."""

    def number(start: int, length: int) -> Expression:
        return sa.func.coalesce(sa.try_cast(sa.func.substr(value, start, length), sa.BigInteger), 0)

    parts = (sa.cast(number(start, length), sa.Integer) for start, length in ((1, 4), (6, 2)))
    # Day 31 of a shorter month counts on into the next; see `readings.utc_text`.
    days = sa.cast(sa.func.unix_date(sa.func.make_date(*parts, 1)), sa.BigInteger) + number(9, 2) - 1
    second = sa.case((sa.func.substr(value, 17, 1) == ":", number(18, 2)), else_=0)
    local = days * 86400 + number(12, 2) * 3600 + number(15, 2) * 60 + second
    tail = sa.func.substr(value, 17)

    def of_offset(group: int) -> Expression:
        digits = sa.func.regexp_extract(tail, r"[+-](\d\d):?(\d\d)?\z", group)
        return sa.func.coalesce(sa.try_cast(digits, sa.BigInteger), 0)

    shift = of_offset(1) * 3600 + of_offset(2) * 60
    shifted = sa.case((sa.func.instr(tail, "-") > 0, local + shift), else_=local - shift)
    seconds: Expression = shifted
    if zone != "UTC":
        by_zone = sa.func.unix_seconds(sa.func.to_utc_timestamp(sa.func.timestamp_seconds(local), zone))
        seconds = sa.case((_like(tail, r"(Z|[+-][0-9:]+)\z"), shifted), else_=by_zone)
    readable = _like(value, rf"\A(?:{TIME_PATTERN})\z")
    there = sa.case((readable, seconds))
    return sa.case((there.between(FIRST, LAST), sa.func.timestamp_seconds(there)))


def _once(value: Expression, name: str, use: Callable[[Expression], Expression]) -> Expression:
    """`use` of `value`, which is worked out once a row and not wherever `use` names it; its code stays small too."""
    named: Expression = sa.literal_column(name)
    each = sa.func.transform(sa.func.array(value), named.op("->")(use(named)))
    return sa.func.element_at(each, 1)


def _in_any(digits: Expression, of_version_6: Expression, networks: Sequence[Network]) -> Expression:
    found: list[Any] = []
    for network in networks:
        first, last = (_network_digits(network, address) for address in (network[0], network[-1]))
        inside = sa.and_(digits >= first, digits <= last)
        found.append(inside if isinstance(network, IPv4Network) else sa.and_(of_version_6, inside))
    return sa.or_(*found)


def _digits(address: Expression) -> Expression:
    """An address as 32 hexadecimal digits; IPv4 as IPv6 would write it."""
    quad = sa.func.substring_index(address, ":", -1)
    bytes_ = [sa.try_cast(sa.func.split_part(quad, ".", place), sa.Integer) for place in (1, 2, 3, 4)]
    pairs = [sa.func.lpad(sa.func.lower(sa.func.hex(byte)), 2, "0") for byte in bytes_]
    dotted = sa.func.instr(address, ".") > 0
    head = sa.func.substr(address, 1, sa.func.length(address) - sa.func.length(quad))
    plain = sa.case(
        (dotted, sa.func.concat(head, pairs[0], pairs[1], ":", pairs[2], pairs[3])),
        else_=address,
    )

    def filled(plain: Expression) -> Expression:
        before = _groups(sa.func.substring_index(plain, "::", 1))
        after = sa.case((sa.func.instr(plain, "::") > 0, _groups(sa.func.substring_index(plain, "::", -1))), else_="")
        return sa.func.concat(sa.func.rpad(before, 32 - sa.func.length(after), "0"), after)

    version_4 = sa.func.concat(_IPV4_IN_IPV6, *pairs)
    return sa.case((sa.func.instr(address, ":") > 0, _once(plain, "plain", filled)), else_=version_4)


def _groups(part: Expression) -> Expression:
    """`db8:1` as `0db80001`."""
    longer = sa.func.regexp_replace(sa.func.concat(":", part), ":([0-9a-f]+)", ":000$1")
    four_each = sa.func.regexp_replace(longer, ":0{0,3}([0-9a-f]{4})(?![0-9a-f])", "$1")
    return sa.func.replace(four_each, ":", "")


def _network_digits(network: Network, address: Any) -> str:
    width = 8 if network.version == 4 else 32
    return ("" if width == 32 else _IPV4_IN_IPV6) + f"{int(address):0{width}x}"


def _address_pattern() -> str:
    byte = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    four = rf"{byte}(\.{byte}){{3}}"
    part = "[0-9a-f]{1,4}"
    forms = [four, f"({part}:){{7}}{part}", f"({part}:){{1,7}}:", f":((:{part}){{1,7}}|:)"]
    forms += [f"({part}:){{1,{left}}}(:{part}){{1,{7 - left}}}" for left in range(1, 7)]
    forms += [f"({part}:){{6}}{four}", f"::({part}:){{0,5}}{four}"]
    forms += [f"({part}:){{1,{left}}}:({part}:){{0,{5 - left}}}{four}" for left in range(1, 6)]
    return rf"\A({'|'.join(forms)})\z"


_ADDRESS = _address_pattern()
