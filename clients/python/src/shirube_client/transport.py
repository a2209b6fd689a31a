"""Requests: one server, one key, limits on waiting, no redirects."""

import hashlib
import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Optional, Union

from .decode import decode
from .errors import Argument, Interrupted, Redirected, Refused, Unexpected, Unreachable, Unreadable
from .model import Problem
from .operations import Operation

#: Further attempts of one call at most.
RETRIES_MAX = 3
#: Longest wait before a further attempt, in seconds; a server that asks for more is answered by raising its refusal.
RETRY_WAIT_MAX = 30
#: How long an answer may stand still, in seconds.
TIMEOUT = 60.0
#: Bytes of an answer that is kept in memory.
ANSWER_BYTES_MAX = 64 * 1024 * 1024
_EXCERPT = 200
_BUSY = (429, 503)

Value = Union[str, int, bool, None]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent as often as it takes."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: Optional[bytes]


class Transport:
    """A server and a key for it."""

    def __init__(self, server: str, key: str, timeout: float, language: str) -> None:
        self.server = _address(server)
        # Editors of Windows begin a file, and so a key read from one, with a mark.
        self._key = key.lstrip("\ufeff").strip()
        if not self._key or not all("!" <= c <= "~" for c in self._key):
            raise Argument("the key is empty, or has characters that no key has")
        self._timeout = timeout
        self._language = language
        # No proxy leads to a server on this machine, whatever the environment names.
        proxies = urllib.request.ProxyHandler({} if _is_this_machine(self.server) else None)
        self._opener = urllib.request.build_opener(_NoRedirects, proxies)

    def call(
        self,
        operation: Operation,
        path: tuple[str, ...] = (),
        query: Optional[Mapping[str, Value]] = None,
        body: Optional[bytes] = None,
        media_type: str = "application/json",
        idempotency_key: Optional[str] = None,
    ) -> Call:
        pairs = [(name, _text(value)) for name, value in (query or {}).items() if value is not None]
        unknown = {name for name, _ in pairs} - operation.query
        if unknown:
            raise Argument(f"{operation.path} has no parameter {', '.join(sorted(unknown))}")
        url = self.server + _filled(operation.path, path)
        if pairs:
            url += "?" + urllib.parse.urlencode(pairs)
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Accept": "*/*" if isinstance(operation.answer, str) else "application/json",
            "Accept-Language": self._language,
            "User-Agent": "shirube-client-python/0.1.0",
        }
        if body is not None:
            headers["Content-Type"] = media_type
            headers["Idempotency-Key"] = idempotency_key or _own_key(url, body)
        return Call(url, operation.method, headers, body)

    def send(self, call: Call) -> "Response":
        """Sends a call until it is answered; refusals are raised."""
        for retries in range(RETRIES_MAX + 1):
            request = urllib.request.Request(call.url, call.body, dict(call.headers), method=call.method)
            try:
                return Response(self._opener.open(request, timeout=self._timeout))
            except urllib.error.HTTPError as error:
                with error:
                    wait = _wait(error, retries)
                    if wait is None:
                        raise _refusal(error) from None
            except urllib.error.URLError as error:
                raise Unreachable(f"{self.server} does not answer: {error.reason}") from error
            except (OSError, http.client.HTTPException) as error:
                raise Interrupted(f"the answer did not come: {error}") from error
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def json(self, call: Call) -> Any:
        with self.send(call) as response:
            body = response.whole()
        if not body.startswith(b"{"):
            raise Unexpected(response.status, _excerpt(body))
        try:
            return json.loads(body)
        except ValueError as error:
            raise Unreadable(f"the answer cannot be read: {error}") from error


class Response:
    """An answer on its way, that knows when it is cut off."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.headers
        length = response.headers.get("Content-Length")
        self._left = int(length) if length is not None and length.isdigit() else None

    def __enter__(self) -> "Response":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._response.close()

    def part(self, size: int) -> bytes:
        """The next part; empty at the end."""
        try:
            part = self._response.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise Interrupted(f"the answer did not come to its end: {error}") from error
        if self._left is not None:
            self._left -= len(part)
            if not part and self._left > 0:
                raise Interrupted("the answer did not come to its end")
        return part

    def whole(self) -> bytes:
        """All of it, up to what may be kept."""
        parts: list[bytes] = []
        size = 0
        while part := self.part(1 << 16):
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                raise Unreadable(f"the answer has more than {ANSWER_BYTES_MAX} bytes")
            parts.append(part)
        return b"".join(parts)


def _address(server: str) -> str:
    parts = urllib.parse.urlsplit(server.strip())
    if parts.username is not None or parts.password is not None:
        raise Argument("the server's address holds a name or password; give the key instead")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Argument(f'the server\'s address "{server}" is not one like https://shirube.example')
    return server.strip().rstrip("/")


def _is_this_machine(server: str) -> bool:
    host = urllib.parse.urlsplit(server).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _filled(path: str, values: tuple[str, ...]) -> str:
    rest = list(values)
    parts = []
    for part in path.split("/"):
        if part.startswith("{"):
            value = rest.pop(0)
            # These would name another place.
            if value in ("", ".", ".."):
                raise Argument(f'"{value}" identifies nothing')
            part = urllib.parse.quote(value, safe="")
        parts.append(part)
    return "/".join(parts)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _own_key(url: str, body: bytes) -> str:
    """A key made from the content, and of this call alone.

    The same figures may be reported again after others, and are then news.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in (url.encode(), body, uuid.uuid4().bytes):
        digest.update(part)
    return f"client-{digest.hexdigest()}"


def _wait(error: urllib.error.HTTPError, retries: int) -> Optional[float]:
    """How long to wait before the next attempt; None: make no other."""
    if error.code not in _BUSY or retries >= RETRIES_MAX:
        return None
    asked = (error.headers.get("Retry-After") or "").strip()
    wait = int(asked) if asked.isascii() and asked.isdigit() else 2**retries
    return wait if wait <= RETRY_WAIT_MAX else None


def _refusal(error: urllib.error.HTTPError) -> Exception:
    if 300 <= error.code < 400:
        to = error.headers.get("Location") or "elsewhere"
        return Redirected(f"the server points to {to}; give that address, if it is right")
    try:
        body = error.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException) as broken:
        return Interrupted(f"the answer did not come to its end: {broken}")
    try:
        return Refused(decode(Problem, json.loads(body)))
    except (ValueError, Unreadable):
        return Unexpected(error.code, _excerpt(body))


def _excerpt(body: bytes) -> str:
    return body[: _EXCERPT * 4].decode(errors="replace")[:_EXCERPT]
