"""The README's monthly job, word for word, and the other calls, against `shirube demo`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

from shirube_client import Argument, Client, Refused

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BINARY = os.environ.get("CLIENTS_SERVER") or str(ROOT / "target/debug/shirube")
START_SECONDS_MAX = 180
#: The demo leaves a report for its guided tour: it turns an item red.
HUB, CARD = "tottori", "challenge-population"


def job() -> str:
    """The monthly job in the README."""
    found = re.search(r"```python\n(.*?)```", (HERE.parent / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found.group(1)


class Readmes(unittest.TestCase):
    def test_all_readmes_show_the_same_job(self) -> None:
        for name in ("README.md", "README.ja.md"):
            text = (ROOT / name).read_text(encoding="utf-8")
            self.assertTrue(f"```python\n{job()}```\n" in text, f"{name} shows another job")
        lines = [line for line in job().splitlines() if line and not re.match("import|from", line)]
        self.assertLessEqual(len(lines), 10)


class Server(unittest.TestCase):
    process: subprocess.Popen[str]
    hello: dict[str, Any]
    folder: tempfile.TemporaryDirectory[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        settings = {
            "SHIRUBE_LISTEN": "127.0.0.1:0",
            "SHIRUBE_DATA_DIR": str(Path(cls.folder.name) / "data"),
            "SHIRUBE_RATE_REQUESTS": "0",
        }
        cls.process = subprocess.Popen(
            [BINARY, "demo"], env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert cls.process.stdout is not None
        timer = threading.Timer(START_SECONDS_MAX, cls.process.kill)
        timer.start()
        cls.hello = json.loads(cls.process.stdout.readline())
        timer.cancel()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.process.terminate()
        cls.process.wait(30)
        assert cls.process.stdout is not None
        cls.process.stdout.close()
        cls.folder.cleanup()

    def key(self, role: str) -> str:
        return next(str(sign_in["api_key"]) for sign_in in self.hello["sign_ins"] if sign_in["role"] == role)

    def client(self, role: str) -> Client:
        return Client(self.hello["address"], self.key(role))

    def test_the_monthly_job_runs_as_shown(self) -> None:
        month = self.client("hub").find(HUB, CARD).reported_through
        assert month is not None
        folder = Path(self.folder.name)
        (folder / f"{month}.csv").write_text("item,value\nuij-consult,2\nuij-turn,0\n", encoding="utf-8")
        (folder / "key").write_text(self.key("hub") + "\n", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", job(), month],
            cwd=folder,
            env={
                "PYTHONPATH": str(HERE.parent / "src"),
                "PYTHONIOENCODING": "utf-8",
                "SHIRUBE_SERVER": self.hello["address"],
                "SHIRUBE_API_KEY_FILE": str(folder / "key"),
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^.*UIJ.*: .*計画.*\n$")

    def test_every_read_is_read(self) -> None:
        client = self.client("national")
        self.assertEqual(client.me().role, "national")
        cards = list(client.scorecards(limit=3))
        self.assertGreater(len(cards), 6)
        for card in cards:
            state = client.evaluated(card.id, include="causes,alerts")
            self.assertEqual((state.key, state.flag), (card.key, card.flag))
            for item in state.items():
                self.assertTrue(item.flag != "red" or item.cause is not None, item.key)
        self.assertEqual(len(client.overview().scorecards), len(cards))
        alerts = client.alerts(state="open", limit=200)
        self.assertEqual(alerts.counts.open, len(alerts.items))
        self.assertGreater(len(alerts.items), 0)

    def test_facts_come_in_pages_and_one_by_one(self) -> None:
        client = self.client("viewer")
        paged = []
        cursor = None
        while True:
            page = client.facts_page(fiscal_year=2025, from_="2025-06", limit=500, cursor=cursor)
            paged += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        self.assertGreater(len(paged), 500)
        self.assertEqual(list(client.facts(fiscal_year=2025, from_="2025-06")), paged)
        file = client.facts_csv(fiscal_year=2025, encoding="utf-8").save(self.folder.name)
        self.assertEqual(file.suffix, ".csv")
        self.assertGreater(len(file.read_text(encoding="utf-8").splitlines()), len(paged))

    def test_files_go_out_and_in_again(self) -> None:
        client = self.client("national")
        card = client.find("akita", "challenge-employment")
        with tempfile.TemporaryDirectory() as folder:
            for download in (client.workbook(card.id), client.monthly_report(card.id, card.reported_through)):
                file = download.save(folder)
                self.assertEqual((file.suffix, file.read_bytes()[:2]), (".xlsx", b"PK"))
                with self.assertRaises(Argument):
                    client.workbook(card.id).save(file)
        # Months that are approved take nothing, not even the same again.
        cells = client.actuals_csv(card.id, from_=card.reported_through, layout="wide", encoding="cp932").read()
        result = client.import_file(cells, scorecard=card.id, dry_run=True)
        self.assertEqual((result.outcome, result.understood.encoding), ("unchanged", "cp932"))
        self.assertGreater(result.counts.unchanged, 3)
        lines = f"項目コード,対象月,実績値\r\nsupport-format,{card.reported_through},約10\r\n".encode()
        with self.assertRaises(Refused) as caught:
            client.import_file(lines, scorecard=card.id)
        (issue,) = caught.exception.problem.issues
        assert issue.place is not None and issue.remedy is not None
        self.assertEqual((issue.code, issue.place.cell, issue.place.value), ("unreadable_figure", "C2", "約10"))

    def test_refusals_say_why(self) -> None:
        card = next(self.client("national").scorecards())
        with self.assertRaises(Refused) as caught:
            self.client("national").report(card.id, "2025-09", {"no-such-item": 1})
        problem = caught.exception.problem
        self.assertEqual((problem.status, problem.code), (422, "invalid"))
        self.assertEqual((problem.issues[0].code, problem.issues[0].path), ("unknown_item", "/values/0/item"))
        with self.assertRaises(Refused) as caught:
            self.client("viewer").report(card.id, "2025-09", {"no-such-item": 1})
        self.assertEqual(caught.exception.problem.code, "forbidden")


if __name__ == "__main__":
    unittest.main()
