"""Keeps a schemathesis run from cutting its own branch, and from leaving this machine."""

import os
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import schemathesis

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# The key and the account the run signs in with. Without them every later answer
# would be 401, and nothing would be tested any more.
OWN_IDS = frozenset(os.environ.get("CONTRACT_OWN_IDS", "").split())
# Cases sent to another id than the one they were made for.
diverted = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.method not in ("GET", "HEAD", "OPTIONS"):
        for name, value in (case.path_parameters or {}).items():
            if value in OWN_IDS:
                case.path_parameters[name] = str(uuid4())
                diverted.add(case.id)
    # Only well-formed bodies are accepted, so only they can make the service call out.
    if case.meta is not None and case.meta.generation.mode.is_positive:
        case.body = unreachable(case.body)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A diverted case is rightly answered with 404; only a broken server is still a failure.

    So it is where a header is wrong only in the blanks around it: HTTP takes them away.
    """
    excused = case.id in diverted or is_trimmed(case.headers or {})
    return not excused or response.status_code >= 500


def is_trimmed(headers):
    values = [value for value in headers.values() if isinstance(value, str)]
    return any(value != value.strip(" \t") for value in values)


def unreachable(body):
    """The same body, its URLs on a host that cannot exist."""
    if isinstance(body, dict):
        return {name: unreachable(value) for name, value in body.items()}
    if isinstance(body, list):
        return [unreachable(value) for value in body]
    if isinstance(body, str) and body.lower().startswith(("http://", "https://")):
        try:
            return urlunsplit(urlsplit(body)._replace(netloc="receiver.invalid"))
        except ValueError:
            return body
    return body


@schemathesis.serializer(XLSX)
def workbook(context, value):
    """A workbook is sent as the bytes that were generated."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer(XLSX)
def file(context, response):
    """A workbook that is answered is a package, shown as one character a byte."""
    if not response.content.startswith(b"PK\x03\x04"):
        raise ValueError("not a workbook")
    return response.content.decode("latin-1")
