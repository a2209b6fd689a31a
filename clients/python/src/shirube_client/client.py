"""The client: one method an operation."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Optional, TypeVar

from .decode import decode
from .download import Download
from .errors import Argument
from .fact_stream import FactStream
from .facts import FactPage
from .figures import Figure, as_json
from .imports import ImportResult
from .model import AlertList, EvaluatedScorecard, Me, Overview, ReportResult, ScorecardList, ScorecardSummary
from . import operations
from .operations import Operation
from .transport import TIMEOUT, Transport, Value

#: Where a server listens that is started without settings.
DEFAULT_SERVER = "http://127.0.0.1:8080"
T = TypeVar("T")


class Client:
    """A server, such as `https://shirube.example`, and an API key for it."""

    def __init__(self, server: str, key: str, *, timeout: float = TIMEOUT, language: str = "ja") -> None:
        self._transport = Transport(server, key, timeout, language)

    @classmethod
    def from_environment(cls) -> "Client":
        """The server in SHIRUBE_SERVER, with the key in SHIRUBE_API_KEY or in the file SHIRUBE_API_KEY_FILE."""
        key, file = (os.environ.get(name, "").strip() for name in ("SHIRUBE_API_KEY", "SHIRUBE_API_KEY_FILE"))
        if bool(key) == bool(file):
            raise Argument("set one of SHIRUBE_API_KEY and SHIRUBE_API_KEY_FILE")
        server = os.environ.get("SHIRUBE_SERVER", "").strip() or DEFAULT_SERVER
        return cls(server, key or _text_of(file))

    @property
    def server(self) -> str:
        """The address of the server."""
        return self._transport.server

    def __repr__(self) -> str:
        return f"Client({self.server!r})"

    def me(self) -> Me:
        """Who this client is."""
        return self._get(Me, operations.ME)

    def scorecards(
        self,
        *,
        hub: Optional[str] = None,
        key: Optional[str] = None,
        prefecture: Optional[str] = None,
        template: Optional[str] = None,
        market_type: Optional[str] = None,
        flag: Optional[str] = None,
        limit: int = 200,
    ) -> Iterator[ScorecardSummary]:
        """The scorecards that may be seen, page by page."""
        query: dict[str, Value] = {
            "hub": hub,
            "key": key,
            "prefecture": prefecture,
            "template": template,
            "market_type": market_type,
            "flag": flag,
            "limit": limit,
        }
        while True:
            page = self._get(ScorecardList, operations.SCORECARDS, query=query)
            yield from page.items
            if page.next_cursor is None:
                return
            query["cursor"] = page.next_cursor

    def find(self, hub: str, key: str) -> ScorecardSummary:
        """The scorecard of a hub that has this key."""
        for card in self.scorecards(hub=hub, key=key):
            return card
        raise Argument(f"{hub} has no scorecard {key}")

    def evaluated(self, id: str, month: Optional[str] = None, *, include: Optional[str] = None) -> EvaluatedScorecard:
        """A scorecard as it stands in a month; the last reported one where absent."""
        return self._get(EvaluatedScorecard, operations.SCORECARD, (id,), {"month": month, "include": include})

    def report(
        self,
        id: str,
        month: str,
        values: Mapping[str, Figure],
        *,
        note: Optional[str] = None,
        dry_run: bool = False,
        idempotency_key: Optional[str] = None,
    ) -> ReportResult:
        """Reports a month. Where the answer is lost on the way, report again: the same figures change nothing."""
        report: dict[str, object] = {"month": month, "values": as_json(values)}
        if note is not None:
            report["note"] = note
        body = json.dumps(report, ensure_ascii=False, allow_nan=False).encode()
        query: dict[str, Value] = {"dry_run": dry_run or None}
        call = self._transport.call(operations.REPORT, (id,), query, body, idempotency_key=idempotency_key)
        return decode(ReportResult, self._transport.json(call))

    def import_file(
        self,
        file: bytes,
        *,
        scorecard: Optional[str] = None,
        hub: Optional[str] = None,
        key: Optional[str] = None,
        month: Optional[str] = None,
        fiscal_year: Optional[int] = None,
        sheet: Optional[str] = None,
        encoding: Optional[str] = None,
        note: Optional[str] = None,
        dry_run: bool = False,
        idempotency_key: Optional[str] = None,
    ) -> ImportResult:
        """Reports what a file says: XLSX or CSV, as offices keep them."""
        query: dict[str, Value] = {
            "scorecard": scorecard,
            "hub": hub,
            "key": key,
            "month": month,
            "fiscal_year": fiscal_year,
            "sheet": sheet,
            "encoding": encoding,
            "note": note,
            "dry_run": dry_run or None,
        }
        call = self._transport.call(
            operations.IMPORT, (), query, file, "application/octet-stream", idempotency_key=idempotency_key
        )
        return decode(ImportResult, self._transport.json(call))

    def overview(
        self,
        *,
        month: Optional[str] = None,
        group: Optional[str] = None,
        hub: Optional[str] = None,
        prefecture: Optional[str] = None,
        template: Optional[str] = None,
        flag: Optional[str] = None,
    ) -> Overview:
        """Many scorecards at once."""
        query: dict[str, Value] = {
            "month": month,
            "group": group,
            "hub": hub,
            "prefecture": prefecture,
            "template": template,
            "flag": flag,
        }
        return self._get(Overview, operations.OVERVIEW, query=query)

    def alerts(self, **query: Value) -> AlertList:
        """A page of alerts; for the parameters see the operation."""
        return self._get(AlertList, operations.ALERTS, query=query)

    def facts_page(self, **query: Value) -> FactPage:
        """A page of facts; of a pull with `since`, the first one names what has changed.

        A parameter that is a word of Python takes a final underscore: `from_`.
        """
        return self._get(FactPage, operations.FACTS, query={**_names(query), "format": "json"})

    def facts(self, **query: Value) -> FactStream:
        """All facts, row by row; no more than a few of them are in memory. `limit` is refused: `facts_page` reads pages."""
        call = self._transport.call(operations.FACTS_NDJSON, (), {**_all(query), "format": "ndjson"})
        return FactStream(self._transport.send(call))

    def facts_csv(self, **query: Value) -> Download:
        """All facts as CSV. `limit` is refused."""
        return self._download(operations.FACTS_CSV, (), {**_all(query), "format": "csv"})

    def workbook(self, id: str, month: Optional[str] = None) -> Download:
        """The workbook into which a month is entered."""
        return self._download(operations.WORKBOOK, (id,), {"month": month})

    def monthly_report(self, id: str, month: Optional[str] = None) -> Download:
        """A month's report as a workbook."""
        return self._download(operations.MONTHLY_REPORT, (id,), {"month": month})

    def actuals_csv(
        self,
        id: str,
        *,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        layout: Optional[str] = None,
        encoding: Optional[str] = None,
    ) -> Download:
        """The reported cells as CSV."""
        query: dict[str, Value] = {"from": from_, "to": to, "layout": layout, "encoding": encoding}
        return self._download(operations.ACTUALS_CSV, (id,), query)

    def _get(
        self,
        kind: type[T],
        operation: Operation,
        path: tuple[str, ...] = (),
        query: Optional[Mapping[str, Value]] = None,
    ) -> T:
        return decode(kind, self._transport.json(self._transport.call(operation, path, query)))

    def _download(self, operation: Operation, path: tuple[str, ...], query: Mapping[str, Value]) -> Download:
        return Download(self._transport.send(self._transport.call(operation, path, query)))


def _text_of(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Argument(f"the key in {file} cannot be read: {error}") from error


def _all(query: Mapping[str, Value]) -> dict[str, Value]:
    """A part is not passed off as all."""
    if query.get("limit") is not None:
        raise Argument("all facts have no limit; facts_page reads them in pages")
    return _names(query)


def _names(query: Mapping[str, Value]) -> dict[str, Value]:
    return {name.rstrip("_"): value for name, value in query.items()}

