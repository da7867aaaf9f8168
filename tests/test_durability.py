"""`kill -9` in the middle of 50 concurrent answer saves: every acknowledged answer is there after the restart."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lms.app import create_app
from lms.core.db import db
from lms.core.settings import Settings
from lms.quizzes.services.attempts import latest_answers
from scripts.bench.client import Browser, Failed
from scripts.live import LiveServer

T = TypeVar("T")
PEOPLE = 50
ROUNDS = 40
QUESTIONS = 20


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_no_acknowledged_answer_is_lost(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("fresh_postgres_url") if engine == "postgres" else ""
    live = LiveServer(tmp_path, database_url=url, environment={"LMS_FAST_HASH": "1"})
    live.prepare()
    demo = live.demo(PEOPLE)
    live.start("--no-duties")
    try:
        acknowledged = run_apart(storm(live, demo))
        live.start("--no-duties")
        run_apart(still_serves(live, demo))
    finally:
        live.kill()
    count = sum(len(answers) for answers in acknowledged.values())
    assert count >= PEOPLE  # the storm was under way
    assert count < PEOPLE * ROUNDS  # and was cut off
    assert lost(tmp_path, url, acknowledged) == []


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run in a thread of its own: the browser tests of this process have a loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def storm(live: LiveServer, demo: dict[str, Any]) -> dict[tuple[str, int], dict[int, tuple[int, int]]]:
    """Let everybody answer at once, kill the server half-way, and return what it had acknowledged.

    For each (login, attempt): position → (sequence, place chosen), the newest acknowledged of each position.
    """
    quiz = str(demo["quiz_url"]).removeprefix(str(demo["base_url"]))
    accounts = [one for one in demo["accounts"] if one["role"] == "learner"]
    people = await asyncio.gather(*(open_paper(live, account, quiz) for account in accounts))
    acknowledged: dict[tuple[str, int], dict[int, tuple[int, int]]] = {}
    killer = threading.Timer(0.7, live.kill)
    killer.start()
    await asyncio.gather(*(answer_all(person, login, paper, acknowledged) for person, login, paper in people))
    killer.join()
    return acknowledged


async def open_paper(live: LiveServer, account: dict[str, str], quiz: str) -> tuple[Browser, str, str]:
    person = Browser("127.0.0.1", live.port)
    await person.get("/sign-in")
    await person.post_form("/sign-in", {"login": account["login"], "password": account["password"]})
    await person.get(quiz)
    started = await person.post_form(f"{quiz}/attempts", {})
    paper = started.headers["location"]
    await person.get(paper)
    return person, account["login"], paper


async def answer_all(
    person: Browser, login: str, paper: str, acknowledged: dict[tuple[str, int], dict[int, tuple[int, int]]]
) -> None:
    kept = acknowledged.setdefault((login, int(paper.rsplit("/", 1)[1])), {})
    for sequence in range(1, ROUNDS + 1):
        position, place = 1 + sequence % QUESTIONS, sequence % 2
        body: dict[str, object] = {"position": position, "answer": [place], "sequence": sequence}
        try:
            answer = await person.post_json(f"{paper}/answers", body)
        except (Failed, OSError):
            return  # the server is gone
        if answer.json()["saved"]:
            kept[position] = (sequence, place)


async def still_serves(live: LiveServer, demo: dict[str, Any]) -> None:
    """After the restart a learner opens the paper and goes on."""
    account = next(one for one in demo["accounts"] if one["role"] == "learner")
    quiz = str(demo["quiz_url"]).removeprefix(str(demo["base_url"]))
    person, _login, paper = await open_paper(live, account, quiz)
    answer = await person.post_json(f"{paper}/answers", {"position": 1, "answer": [0], "sequence": 1000})
    assert answer.json()["saved"] is True
    person.close()


def lost(
    data_dir: Path, url: str, acknowledged: dict[tuple[str, int], dict[int, tuple[int, int]]]
) -> list[tuple[str, int, tuple[int, int]]]:
    """Return acknowledged answers that are neither there nor replaced by a newer one of the same learner."""
    app = create_app(Settings(data_dir=data_dir, database_url=url, testing=True, plugins=False))
    missing = []
    with app.app_context():
        for (login, attempt_id), kept in acknowledged.items():
            found = latest_answers(attempt_id)
            for position, (sequence, place) in kept.items():
                answer, there = found.get(position, (None, 0))
                if there < sequence or (there == sequence and answer != [place]):
                    missing.append((login, position, (sequence, place)))
        db.session.remove()
        db.engine.dispose()
    return missing
