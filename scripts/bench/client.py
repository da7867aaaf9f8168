"""A load client on raw sockets: keep-alive, one request at a time on each connection, bounded in number."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode


class Failed(RuntimeError):
    """The server answered something else than what was expected."""


@dataclass(slots=True)
class Answer:
    """A response: status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> dict[str, object]:
        """The body as JSON."""
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Browser:
    """One person: a keep-alive connection, cookies, the CSRF token of the last page."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def request(
        self, method: str, path: str, body: bytes = b"", content_type: str = "", accept: str = "*/*"
    ) -> Answer:
        """Send one request and read its answer; a dropped keep-alive connection is opened again once."""
        for _ in range(2):
            if self._writer is None or self._writer.is_closing():
                self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
            try:
                return await self._exchange(method, path, body, content_type, accept)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._writer.close()
                self._writer = None
        message = f"{method} {path}: the connection was dropped twice"
        raise Failed(message)

    async def _exchange(self, method: str, path: str, body: bytes, content_type: str, accept: str) -> Answer:
        if self._reader is None or self._writer is None:
            raise Failed(path)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Accept: {accept}",
            "Connection: keep-alive",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}", f"X-CSRFToken: {self.token}"]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _, _ = value.partition(";")
                key, _, content = cookie.partition("=")
                self.cookies[key] = content
            elif name:
                headers[name.lower()] = value
        return Answer(status, headers, await self._body(headers, status))

    async def _body(self, headers: dict[str, str], status: int) -> bytes:
        if self._reader is None:
            raise Failed("no connection")
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                parts.append(await self._reader.readexactly(size))
                await self._reader.readexactly(2)
            await self._reader.readexactly(2)
            return b"".join(parts)
        length = int(headers.get("content-length", "0"))
        return await self._reader.readexactly(length) if length and status != 304 else b""

    async def get(self, path: str, expect: int = 200) -> Answer:
        """Read a page and remember its CSRF token."""
        answer = await self.request("GET", path, accept="text/html")
        self._check(answer, "GET", path, (expect,))
        if found := re.search(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', answer.text):
            self.token = found.group(1)
        return answer

    async def post_form(self, path: str, fields: dict[str, str], expect: Sequence[int] = (302, 303)) -> Answer:
        """Send a form."""
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        answer = await self.request("POST", path, body, "application/x-www-form-urlencoded", "text/html")
        self._check(answer, "POST", path, expect)
        return answer

    async def post_json(self, path: str, data: dict[str, object], expect: Sequence[int] = (200,)) -> Answer:
        """Send JSON as our scripts do."""
        answer = await self.request("POST", path, json.dumps(data).encode(), "application/json", "application/json")
        self._check(answer, "POST", path, expect)
        return answer

    @staticmethod
    def _check(answer: Answer, method: str, path: str, expect: Sequence[int]) -> None:
        if answer.status not in expect:
            message = f"{method} {path}: {answer.status} {answer.headers.get('location', '')} {answer.text[:300]}"
            raise Failed(message)

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


@dataclass(slots=True)
class Load:
    """What a run showed: units done, wall seconds, seconds of each unit."""

    units: int
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds under which this share of the units stayed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def drive(units: int, connections: int, unit: Callable[[int, int], Awaitable[object]]) -> Load:
    """Do a number of units over a number of connections; `unit(connection, number)` does one."""
    latencies: list[float] = []
    numbers = iter(range(units))

    async def worker(connection: int) -> None:
        for number in numbers:
            began = time.perf_counter()
            await unit(connection, number)
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(worker(connection) for connection in range(connections)))
    return Load(units, time.perf_counter() - began, latencies)
