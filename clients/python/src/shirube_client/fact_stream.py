"""Facts, row by row."""

import json
from collections.abc import Iterator
from typing import Optional

from .decode import decode
from .errors import Interrupted, Unreadable
from .facts import FactRow
from .transport import Response

#: Bytes of one row of facts at most.
ROW_BYTES_MAX = 64 * 1024
_PART = 1 << 14


class FactStream:
    """All rows of an answer, as they come. Use it in a `with` block, or read it to its end."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self._rows = _rows(response)
        #: What to give as `since` next time, once all rows have been read.
        self.next_since: Optional[str] = response.headers.get("Next-Since")

    def __iter__(self) -> "FactStream":
        return self

    def __next__(self) -> FactRow:
        return next(self._rows)

    def __enter__(self) -> "FactStream":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._response.__exit__()


def _rows(response: Response) -> Iterator[FactRow]:
    with response:
        rest = b""
        while part := response.part(_PART):
            *lines, rest = (rest + part).split(b"\n")
            for line in filter(None, lines):
                yield _row(line)
            if len(rest) > ROW_BYTES_MAX:
                raise Unreadable(f"a row has more than {ROW_BYTES_MAX} bytes")
        if rest:
            raise Interrupted("the last row is cut off")


def _row(line: bytes) -> FactRow:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Unreadable(f"a row cannot be read: {error}") from error
    return decode(FactRow, row)
