"""Runs schemathesis against `shirube demo`, once per role, each on a fresh demo.

Usage: drive.py BINARY OPENAPI_FILE OUT_DIR
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
JOBS = 2
START_SECONDS_MAX = 180
STOP_SECONDS_MAX = 30
RUN_SECONDS_MAX = 300
# The coverage phase sends the same faults to every operation, whoever sends them: those two
# that may write most send them all. All roles send examples, random requests and sequences.
ALL_FAULTS_BY = ("national", "hub")
# A proxy is for the outside world, and all of this stays on the machine.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

running = set()


class Failed(Exception):
    """Says what is wrong with the service or its document."""


def get(url, key=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    with DIRECT.open(request, timeout=15) as response:
        return json.load(response)


def ids_in(value):
    """Every `id` in a JSON value."""
    if isinstance(value, dict):
        return {v for k, v in value.items() if k == "id" and isinstance(v, str)}.union(*map(ids_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(ids_in, value))
    return set()


class Demo:
    """A running `shirube demo` on its own data folder."""

    def __init__(self, binary, folder):
        folder.mkdir(parents=True)
        self.log = folder / "server.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        settings = {
            "SHIRUBE_LISTEN": "127.0.0.1:0",
            "SHIRUBE_DATA_DIR": str(folder / "data"),
            "SHIRUBE_RATE_REQUESTS": "0",
            "SHIRUBE_RATE_SIGN_IN": "0",
            "RUST_LOG": "warn",
            "RUST_BACKTRACE": "1",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [binary, "demo"],
                cwd=folder,
                env=kept | settings,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        running.add(self.process)
        line = self.first_line()
        try:
            hello = json.loads(line)
            self.address = hello["address"].rstrip("/")
            self.sign_ins = hello["sign_ins"]
        except (ValueError, KeyError, TypeError) as error:
            self.process.kill()
            raise Failed(f"`shirube demo` printed {line!r} instead of its JSON line\n{self.log_tail()}") from error

    def first_line(self):
        timer = threading.Timer(START_SECONDS_MAX, self.process.kill)
        timer.start()
        try:
            return self.process.stdout.readline()
        finally:
            timer.cancel()

    def stop(self):
        """Stops the demo and returns what was wrong with how it ran and ended."""
        wrong = []
        if self.process.poll() is not None:
            wrong.append(f"the server ended by itself, exit code {self.process.returncode}")
        else:
            self.process.terminate()
            try:
                if self.process.wait(STOP_SECONDS_MAX) != 0:
                    wrong.append(f"exit code {self.process.returncode} after SIGTERM, expected 0")
            except subprocess.TimeoutExpired:
                self.process.kill()
                wrong.append(f"still running {STOP_SECONDS_MAX} s after SIGTERM")
        running.discard(self.process)
        if rest := self.process.stdout.read():
            wrong.append(f"more than one line on stdout: {rest[:200]!r}")
        if "panicked at" in self.log.read_text(errors="replace"):
            wrong.append("the server panicked")
        if wrong:
            wrong.append(self.log_tail())
        return wrong

    def log_tail(self):
        lines = self.log.read_text(errors="replace").splitlines()[-40:]
        return "\n".join(["last lines of the server's log:", *(f"    {line}" for line in lines)])


@dataclass
class Outcome:
    role: str
    seconds: float
    wrong: list = field(default_factory=list)
    cases: int = 0
    operations: set = field(default_factory=set)
    accepted: set = field(default_factory=set)


def check_role(role, demo, folder):
    began = time.monotonic()
    outcome = Outcome(role, 0)
    sign_in = next(entry for entry in demo.sign_ins if entry["role"] == role)
    key = sign_in["api_key"]
    try:
        own = ids_in(get(f"{demo.address}/v1/me", key))
        schemathesis(demo, key, own, folder, outcome)
        still_signed_in(demo, key)
    except Exception as error:
        outcome.wrong.append(str(error) or repr(error))
    outcome.wrong += demo.stop()
    outcome.seconds = time.monotonic() - began
    return outcome


def still_signed_in(demo, key):
    """Had the key died half-way, everything after that was checked on 401 alone."""
    try:
        get(f"{demo.address}/v1/me", key)
    except OSError as error:
        raise Failed(f"the key used for the run no longer opens /v1/me: {error}") from error


def schemathesis(demo, key, own, folder, outcome):
    report = folder / "report.json"
    output = folder / "schemathesis.log"
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        f"{demo.address}/openapi.json",
        "--phases",
        ",".join(["examples", *(["coverage"] if outcome.role in ALL_FAULTS_BY else []), "fuzzing", "stateful"]),
        "--report-json-path",
        str(report),
    ]
    env = os.environ | {
        "CONTRACT_API_KEY": key,
        "CONTRACT_OWN_IDS": " ".join(sorted(own)),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    running.add(process)
    try:
        code = process.wait(RUN_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        outcome.wrong.append(f"schemathesis was not done after {RUN_SECONDS_MAX} s\n{findings(output)}")
        return
    finally:
        running.discard(process)
    if code != 0:
        outcome.wrong.append(f"schemathesis ended with exit code {code}\n{findings(output)}")
    if not report.exists():
        return
    result = json.loads(report.read_text())
    outcome.cases = result["test_cases"]["generated"]
    for operation, phases in result["valid_rates"].items():
        outcome.operations.add(operation)
        if any(rate["accepted"] for rate in phases.values()):
            outcome.accepted.add(operation)
    operations = result["operations"] or {}
    if not result["complete"] or not operations.get("total") or operations["tested"] != operations["total"]:
        outcome.wrong.append(f"not every operation was tested: {operations}")


def findings(output):
    """The part of schemathesis' output that says what failed, else all of it."""
    text = output.read_text(errors="replace")
    found = re.search(r"^=+ (?:FAILURES|ERRORS|WARNINGS) =+$.*?(?=^=+ SUMMARY =+$|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else text


def main():
    binary, document, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    shutil.rmtree(out, ignore_errors=True)
    first = Demo(binary, out / "first")
    roles = list(dict.fromkeys(entry["role"] for entry in first.sign_ins))
    if get(f"{first.address}/openapi.json") != json.loads(document.read_text()):
        raise Failed(f"/openapi.json differs from {document.name}")

    def run(role):
        try:
            if role == roles[0]:
                return check_role(role, first, out / "first")
            return check_role(role, Demo(binary, out / role), out / role)
        except Failed as error:
            return Outcome(role, 0, [str(error)])

    outcomes = []
    with ThreadPoolExecutor(JOBS) as pool:
        for outcome in pool.map(run, roles):
            verdict = "FAILED" if outcome.wrong else "ok"
            print(f"{outcome.role:<12} {verdict:<6} {outcome.cases:>6} requests {outcome.seconds:>4.0f} s", flush=True)
            for text in outcome.wrong:
                print(text, flush=True)
            outcomes.append(outcome)

    never = set().union(*(o.operations for o in outcomes)) - set().union(*(o.accepted for o in outcomes))
    if never:
        print("Only refusals were seen, whatever the role, from:")
        for operation in sorted(never):
            print(f"    {operation}")
    return 1 if any(outcome.wrong for outcome in outcomes) else 0


def kill_children():
    for child in list(running):
        child.kill()


def interrupted(number, frame):
    # Not an exception: the pool would wait for its threads before anything is killed.
    kill_children()
    os._exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    try:
        code = main()
    except Failed as error:
        print(error)
        code = 1
    finally:
        kill_children()
    sys.exit(code)
