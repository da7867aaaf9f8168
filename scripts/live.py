"""A real server in a folder of its own, for browser tests, the bench and the screenshots: started, asked, killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

START_SECONDS = 60


def free_port() -> int:
    """Return a port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class LiveServer:
    """`lms serve` on a data folder; `database_url` empty means SQLite in the folder."""

    data_dir: Path
    database_url: str = ""
    port: int = field(default_factory=free_port)
    workers: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LMS_DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database_url,
            "LMS_BASE_URL": self.base_url,
            "LMS_REQUEST_LOG": "0",
            "PORT": str(self.port),
            "PYTHONUTF8": "1",
            **self.environment,
        }

    def lms(self, *arguments: str, stdin: str = "") -> str:
        """Run an `lms` command on this server's database and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "lms.cli", *arguments],
            env=self._environment(),
            input=stdin.encode(),
            capture_output=True,
            check=False,
            timeout=300,
        )
        if done.returncode != 0:
            message = f"lms {' '.join(arguments)}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}"
            raise RuntimeError(message)
        return done.stdout.decode()

    def prepare(self) -> None:
        """Make the schema and load the content."""
        self.lms("db", "upgrade")
        self.lms("courses", "import")
        self.lms("quizzes", "import-bank")

    def demo(self, learners: int = 12) -> dict[str, Any]:
        """Create the demo and return contract G's answer."""
        answer: dict[str, Any] = json.loads(self.lms("demo", "create", "--learners", str(learners), "--json"))
        return answer

    def start(self, *options: str) -> None:
        """Start serving and wait until the first page can be asked for."""
        log = (self.data_dir / "server.log").open("ab")
        command = [sys.executable, "-m", "lms.cli", "serve", "--port", str(self.port), "--workers", str(self.workers)]
        # a group of its own: killing it takes the workers along
        self.process = subprocess.Popen(
            [*command, *options], env=self._environment(), stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError((self.data_dir / "server.log").read_text("utf-8", "replace")[-4000:])
            if self._answers():
                return
            time.sleep(0.1)
        raise TimeoutError(self.base_url)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.base_url}/readyz", timeout=2) as answer:  # noqa: S310  (our own address)
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """Kill the server and its workers as a power cut would (SIGKILL)."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to stop, and make sure it has."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.process = None

    def processes(self) -> list[int]:
        """Return the ids of the server's processes (the supervisor and its workers)."""
        if self.process is None:
            return []
        group = os.getpgid(self.process.pid)
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if os.getpgid(int(entry.name)) == group:
                        found.append(int(entry.name))
        return found
