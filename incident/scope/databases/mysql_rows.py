"""
The rows of a MySQL connection, read off the wire in blocks.

PyMySQL asks its socket twice for each row and makes an object of it; a list of millions is read in less than half the
time like this. Only what carries rows is read here: connecting, asking and failing stay PyMySQL's.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pymysql import err
from pymysql.connections import Connection
from pymysql.constants import CR, FIELD_TYPE
from pymysql.protocol import MysqlPacket

Row = tuple[Any, ...]
_BLOCK = 1 << 18  # bytes asked for at once
_LEFT_AT_MOST = 4  # blocks that are read to leave a connection in order; where there are more it is given up
_WHOLE = {
    FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.NEWDECIMAL,
}  # fmt: skip
_LARGEST = 0xFFFFFF  # bytes of a row; one that is larger comes in pieces


def rows_of(connection: Connection[Any], statement: str) -> Generator[list[Row]]:
    """Run `statement` and pass its rows on as they come: texts, None, and whole numbers for columns of numbers."""
    connection.query(statement, unbuffered=True)
    wire = _Wire(connection)
    try:
        while not wire.ended:
            if rows := wire.read():
                yield rows
    finally:
        wire.leave()


class _Wire:
    def __init__(self, connection: Any) -> None:
        self._connection, self._result, self._left = connection, connection._result, b""
        self._numbers = [place for place, field in enumerate(self._result.fields) if field.type_code in _WHOLE]
        self.ended = False

    def read(self) -> list[Row]:
        """The rows of the next block, the last of which may be kept for the one after it."""
        block = self._left + self._more()
        rows: list[Row] = []
        start, size = 0, len(block)
        while start + 5 <= size:
            length = block[start] | block[start + 1] << 8 | block[start + 2] << 16
            end = start + 4 + length
            if end > size:
                break
            first = block[start + 4]
            if first == 0xFF or length == _LARGEST:
                self._fail(block[start + 4 : end])
            if first == 0xFE and length < 9:
                self._end(block[start + 3])
                break
            rows.append(_row(block, start + 4, end))
            start = end
        self._left = block[start:]
        return [self._counted(row) for row in rows] if self._numbers else rows

    def leave(self) -> None:
        """Read a short rest to its end; give the connection up where there is more."""
        for _ in range(_LEFT_AT_MOST):
            if self.ended or not self._connection.open:
                return
            self.read()
        if not self.ended:
            self._end(0)
            self._connection._force_close()

    def _more(self) -> bytes:
        try:
            block: bytes = self._connection._rfile.read1(_BLOCK)
        except (OSError, ValueError):  # a time limit, a reset; or closed from this side
            block = b""
        if not block:
            self._end(0)
            self._connection._force_close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
        return block

    def _end(self, number: int) -> None:
        """As PyMySQL leaves things when it has read the last packet, which had this number."""
        self.ended = True
        self._result.unbuffered_active, self._result.connection = False, None
        self._connection._next_seq_id = (number + 1) % 256

    def _fail(self, packet: bytes) -> None:
        if len(packet) == _LARGEST:
            self._end(0)
            self._connection._force_close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "Lost connection: a row is larger than 16 MB")
        self._end(0)
        MysqlPacket(packet, "utf8mb4").raise_for_error()

    def _counted(self, row: Row) -> Row:
        return tuple(
            int(value) if value is not None and place in self._numbers else value for place, value in enumerate(row)
        )


def _row(block: bytes, start: int, end: int) -> Row:
    """The values between two places: each a length of one to nine bytes, and as many bytes of UTF-8."""
    row: list[str | None] = []
    while start < end:
        length = block[start]
        start += 1
        if length == 0xFB:
            row.append(None)
            continue
        if length > 0xFB:
            wide = {0xFC: 2, 0xFD: 3, 0xFE: 8}[length]
            length = int.from_bytes(block[start : start + wide], "little")
            start += wide
        row.append(block[start : start + length].decode())
        start += length
    return tuple(row)
