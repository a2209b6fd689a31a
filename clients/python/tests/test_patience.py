"""Servers that cannot now, point elsewhere, break off, or are none of ours; and figures that cannot be meant."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import unittest
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Optional
from unittest import mock

from shirube_client import (
    Argument,
    Clear,
    Client,
    Figure,
    Interrupted,
    NotApplicable,
    Ratio,
    Redirected,
    Refused,
    Unexpected,
    Unreachable,
    Unreadable,
    values_from_csv,
)
from shirube_client.download import file_name

REPORTED = {
    "outcome": "applied",
    "dry_run": False,
    "revision": 2,
    "counts": {"received": 1, "created": 1, "updated": 0, "unchanged": 0, "cleared": 0, "rejected": 0},
    "completeness": {"required": 1, "reported": 1, "complete": True, "due_on": "2028-10-10", "missing": []},
    "changes": [
        {"item": "a", "from": {"status": "no_data", "flag": "none"}, "to": {"status": "behind", "flag": "red", "new": 1}}
    ],
    "alerts": [],
    "issues": [],
    "something_new": [],
}

ME: tuple[int, dict[str, str], object] = (200, {}, {"user": None, "key": None, "role": "viewer", "scope": {}})


def problem(status: int, code: str, **more: Any) -> dict[str, Any]:
    return {"type": "t", "title": "t", "status": status, "code": code, "detail": "d", "issues": [], "request_id": "r", **more}


class Stub:
    """A server that says what it is told to, one answer a request."""

    def __init__(self, *answers: tuple[int, dict[str, str], object]) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        rest = list(answers)
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status, headers, content = rest.pop(0)
                answer = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Stub:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def client(self) -> Client:
        return Client(self.address, "shk_secret", timeout=5)


class Patience(unittest.TestCase):
    def test_a_busy_server_is_asked_again_with_the_same_name(self) -> None:
        soon = {"Retry-After": "0"}
        with Stub(
            (429, soon, problem(429, "rate_limited")),
            (503, soon, problem(503, "unavailable")),
            (200, {}, REPORTED),
            (200, {}, REPORTED),
        ) as stub:
            first = stub.client().report("x", "2028-09", {"a": 1.0})
            stub.client().report("x", "2028-09", {"a": 1.0})
        self.assertEqual(first.turned_red(), ["a"])
        names = [headers["idempotency-key"] for _, headers, _ in stub.seen]
        self.assertEqual(len(set(names[:3])), 1)
        self.assertNotEqual(names[2], names[3], "a call of its own")
        path, headers, body = stub.seen[0]
        self.assertEqual(path, "/v1/scorecards/x/actuals")
        self.assertEqual(headers["authorization"], "Bearer shk_secret")
        self.assertEqual(json.loads(body), {"month": "2028-09", "values": [{"item": "a", "value": 1}]})

    def test_patience_ends(self) -> None:
        busy = (503, {"Retry-After": "0"}, problem(503, "unavailable"))
        with Stub(*[busy] * 5) as stub, self.assertRaises(Refused) as caught:
            stub.client().me()
        self.assertEqual(caught.exception.problem.code, "unavailable")
        self.assertEqual(len(stub.seen), 4)
        with Stub((429, {"Retry-After": "3600"}, problem(429, "rate_limited"))) as stub, self.assertRaises(Refused):
            stub.client().me()
        self.assertEqual(len(stub.seen), 1)

    def test_the_key_follows_no_pointer(self) -> None:
        with Stub() as other, Stub((307, {"Location": f"{other.address}/v1/me"}, {})) as stub:
            with self.assertRaises(Redirected):
                stub.client().me()
            self.assertEqual(other.seen, [])

    def test_proxies_lead_to_other_machines_only(self) -> None:
        with Stub(ME) as proxy, Stub(ME) as server, mock.patch.dict(os.environ, {"http_proxy": proxy.address}):
            server.client().me()
            self.assertEqual((len(server.seen), proxy.seen), (1, []))
            Client("http://shirube.example", "shk_x", timeout=5).me()
            self.assertEqual(proxy.seen[0][0], "http://shirube.example/v1/me")

    def test_other_programs_are_told_apart(self) -> None:
        for status, body, error in (
            (200, b"<html>portal</html>", Unexpected),
            (502, b"<html>proxy</html>", Unexpected),
            (200, {"role": 1}, Unreadable),
            (200, {"scope": {}}, Unreadable),
            (200, b"{not json", Unreadable),
        ):
            with Stub((status, {}, body)) as stub, self.assertRaises(error):
                stub.client().me()
        with self.assertRaises(Unreachable):
            Client("http://127.0.0.1:1", "shk_x", timeout=2).me()

    def test_what_breaks_off_is_not_taken_for_whole(self) -> None:
        for body in (b"", b'{"a":1}'):
            with Stub((200, {"Content-Length": "1000", "Connection": "close"}, body)) as stub:
                with self.assertRaises(Interrupted):
                    list(stub.client().facts())

    def test_a_pull_of_changes_says_whose_rows_are_replaced_and_where_the_next_begins(self) -> None:
        page = {"items": [], "next_cursor": None, "next_since": "s2", "changed": ["emptied", "renamed"]}
        with Stub((200, {}, page), (200, {}, {**page, "changed": None}), (200, {"Next-Since": "s3"}, b"")) as stub:
            client = stub.client()
            first = client.facts_page(since="s1", limit=1)
            self.assertEqual((first.changed, first.next_since), (["emptied", "renamed"], "s2"))
            self.assertIsNone(client.facts_page().changed)
            rows = client.facts(since="s2")
            self.assertEqual((list(rows), rows.next_since), ([], "s3"))
            for all_of_it in (client.facts, client.facts_csv):
                with self.assertRaises(Argument):
                    all_of_it(limit=5)
            self.assertEqual(len(stub.seen), 3, "a part is not passed off as all")

    def test_a_refused_file_names_cells(self) -> None:
        issue = {
            "severity": "error",
            "code": "unreadable_figure",
            "path": "",
            "message": {"ja": "読めません", "en": "Unreadable"},
            "place": {"sheet": "実績", "row": 5, "column": "C", "cell": "C5", "value": "約10", "colour": "red"},
            "remedy": {"ja": "数字だけにしてください", "en": "Leave only the figure"},
        }
        with Stub((422, {}, problem(422, "invalid", issues=[issue]))) as stub, self.assertRaises(Refused) as caught:
            stub.client().import_file(b"x", hub="鳥取", key="main", dry_run=True)
        (found,) = caught.exception.problem.issues
        assert found.place is not None and found.remedy is not None
        self.assertEqual((found.place.cell, found.place.value), ("C5", "約10"))
        self.assertEqual(found.remedy.en, "Leave only the figure")
        self.assertEqual(stub.seen[0][0], "/v1/imports?hub=%E9%B3%A5%E5%8F%96&key=main&dry_run=true")

    def test_addresses_and_keys_that_cannot_be_meant_are_refused(self) -> None:
        for server in ("", "shirube", "ftp://h", "file:///etc", "https://me:secret@h", "https://h?x=1", "https://h#x"):
            with self.subTest(server), self.assertRaises(Argument) as caught:
                Client(server, "shk_x")
            self.assertNotIn("secret", str(caught.exception))
        for key in ("", "shk_\nx", "shk x"):
            with self.assertRaises(Argument):
                Client("https://h", key)
        client = Client("https://h", "shk_secret")
        self.assertNotIn("shk_secret", repr(client))
        for id in ("", ".", ".."):
            with self.assertRaises(Argument):
                client.evaluated(id)
        with self.assertRaises(Argument):
            client.alerts(colour="red")


class Settings(unittest.TestCase):
    def client(self, key: bytes) -> Client:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "key"
            file.write_bytes(key)
            return self.client_of(str(file))

    def client_of(self, file: str) -> Client:
        with mock.patch.dict(os.environ, {"SHIRUBE_API_KEY_FILE": file, "SHIRUBE_SERVER": ""}, clear=True):
            return Client.from_environment()

    def test_a_key_may_come_from_notepad(self) -> None:
        with Stub(ME) as stub:
            Client(stub.address, "\ufeffshk_x\r\n").me()
            self.assertEqual(stub.seen[0][1]["authorization"], "Bearer shk_x")
        self.client(b"\xef\xbb\xbfshk_x\r\n")

    def test_a_key_that_cannot_be_read_is_named(self) -> None:
        with self.assertRaisesRegex(Argument, "/nonexistent"):
            self.client_of("/nonexistent")
        with self.assertRaises(Argument):
            self.client("shk_鍵".encode("utf-16"))


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def save(self, target: Path, overwrite: bool = False, headers: Optional[dict[str, str]] = None) -> Path:
        named = {"Content-Disposition": 'attachment; filename="new.csv"', **(headers or {})}
        with Stub((200, named, b"new")) as stub:
            return stub.client().facts_csv().save(target, overwrite)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def test_what_is_overwritten_keeps_its_rights_and_its_links(self) -> None:
        real = self.folder / "real.csv"
        real.write_text("old")
        real.chmod(0o600)
        link = self.folder / "link.csv"
        link.symlink_to("real.csv")
        with self.assertRaises(Argument):
            self.save(link)
        self.assertEqual(self.save(link, overwrite=True), link)
        self.assertTrue(link.is_symlink())
        self.assertEqual((real.read_text(), real.stat().st_mode & 0o777), ("new", 0o600))
        link.unlink()
        link.symlink_to("nothing")
        with self.assertRaises(Argument):
            self.save(link, overwrite=True)

    def test_what_lies_beside_a_file_stays(self) -> None:
        (self.folder / "other").write_text("mine")
        (self.folder / "p.csv.part").symlink_to("other")
        self.save(self.folder / "p.csv")
        self.assertEqual((self.folder / "other").read_text(), "mine")
        self.assertEqual(self.names(), ["other", "p.csv", "p.csv.part"])
        self.assertEqual(self.save(self.folder).name, "new.csv")

    def test_half_a_file_is_none(self) -> None:
        with self.assertRaises(Interrupted):
            self.save(self.folder / "p.csv", headers={"Content-Length": "1000", "Connection": "close"})
        self.assertEqual(self.names(), [])

    def test_devices_and_pipes_are_written_to_as_they_are(self) -> None:
        self.save(Path(os.devnull), overwrite=True)
        self.assertFalse(Path(os.devnull).is_file())
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        came: list[str] = []
        reader = threading.Thread(target=lambda: came.append(pipe.read_text()))
        reader.start()
        self.save(pipe)
        reader.join()
        self.assertEqual((came, pipe.is_fifo()), (["new"], True))


class Figures(unittest.TestCase):
    def read(self, text: str) -> dict[str, Figure]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.csv"
            file.write_bytes(text.encode())
            return values_from_csv(file)

    def test_a_csv_is_read_by_its_headings(self) -> None:
        text = (
            "\ufeffname,item,value,numerator,denominator,not_applicable,clear\r\n"
            '相談,a,1.5,,,,\r\n率,b,,1,4,,\r\n"x, y",c,,,,なし,\r\n,d,,,,,誤り\r\n,e,,,,,\r\n'
        )
        expected: dict[str, Figure] = {
            "a": Decimal("1.5"),
            "b": Ratio(Decimal(1), Decimal(4)),
            "c": NotApplicable("なし"),
            "d": Clear("誤り"),
        }
        self.assertEqual(self.read(text), expected)

    def test_what_cannot_be_meant_is_refused_with_its_line(self) -> None:
        for text, told in (
            ("item,value\na,1\nb,x\n", 'line 3, value: "x"'),
            ("item,value\na,NaN\n", 'line 2, value: "NaN"'),
            ("item,value\n,1\n", "line 2, item"),
            ("item,value\na,1\na,2\n", "line 3, item: a is there twice"),
            ("item,numerator\na,1\n", "line 2, numerator"),
            ("item,value,clear\na,1,x\n", "line 2, value"),
        ):
            with self.subTest(text), self.assertRaises(Argument) as caught:
                self.read(text)
            self.assertIn(told, str(caught.exception))

    def test_figures_are_sent_as_they_are_written(self) -> None:
        values: dict[str, Figure] = {"a": 6.0, "b": Decimal("-0.1"), "c": 99999999999.9999, "d": Ratio(3, 8)}
        with Stub((200, {}, REPORTED)) as stub:
            stub.client().report("x", "2028-09", values, note="確定値", dry_run=True)
        path, _, body = stub.seen[0]
        self.assertEqual(path, "/v1/scorecards/x/actuals?dry_run=true")
        self.assertEqual(
            body.decode(),
            '{"month": "2028-09", "values": [{"item": "a", "value": 6}, {"item": "b", "value": -0.1}, '
            '{"item": "c", "value": 99999999999.9999}, {"item": "d", "numerator": 3, "denominator": 8}], "note": "確定値"}',
        )
        for wrong in (float("nan"), float("inf"), True):
            with self.assertRaises(Argument):
                Client("http://127.0.0.1:1", "shk_x").report("x", "2028-09", {"a": wrong})


class Names(unittest.TestCase):
    def test_a_name_leads_nowhere_else(self) -> None:
        for header, expected in (
            ('attachment; filename="a.xlsx"', "a.xlsx"),
            ("attachment; filename=\"a.xlsx\"; filename*=UTF-8''%E5%AE%9F%E7%B8%BE.xlsx", "実績.xlsx"),
            ('attachment; filename="../../etc/passwd"', "_.._etc_passwd"),
            ("attachment; filename*=UTF-8''..%2F.ssh%2Fkey", "_.ssh_key"),
            ('attachment; filename=".bashrc"', "bashrc"),
            ('attachment; filename=".."', None),
            ("attachment; filename*=UTF-8''a%E2%80%AExslx%E2%80%A8.exe", "a_xslx_.exe"),
            (f'attachment; filename="{"a" * 300}.xlsx"', "a" * 195 + ".xlsx"),
            (f"attachment; filename*=UTF-8''{'%E7%9C%8C' * 300}.xlsx", "県" * 65 + ".xlsx"),
            ("attachment", None),
        ):
            self.assertEqual(file_name(header), expected)


if __name__ == "__main__":
    unittest.main()
