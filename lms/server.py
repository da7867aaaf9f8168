"""Running the product: `lms serve` (web and duties) and `lms worker` (duties only)."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.core import jobs
from lms.migrations import migrate

F = TypeVar("F", bound=Callable[..., Any])
# argon2 takes 19 MB for each sign-in; with these glibc gives the memory back instead of keeping it per thread
ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "8388608", "MALLOC_TRIM_THRESHOLD_": "67108864"}


def run_server(*, host: str, port: int, workers: int, threads: int, duties: bool) -> NoReturn:
    """Become the supervisor of the web workers; does not return."""
    options = {"host": host, "port": port, "workers": workers, "threads": threads}
    environment = {
        **ALLOCATOR,
        **os.environ,
        "LMS_SERVE": json.dumps(options),
        "LMS_DUTIES": "1" if duties else "0",
    }
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", "lms.supervise"], environment)  # noqa: S606  (ourselves)


def serving_options(command: F) -> F:
    """Add the options that every serving command has."""
    for option in (
        click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；对外服务请放在反向代理之后。"),
        click.option("--port", default=8000, envvar="PORT", show_default=True, help="端口。"),
        click.option("--workers", default=2, envvar="LMS_WORKERS", show_default=True, help="进程数。"),
        click.option("--threads", default=4, envvar="LMS_THREADS", show_default=True, help="每个进程的线程数。"),
    ):
        command = option(command)
    return command


@click.command("serve")
@serving_options
@click.option("--duties/--no-duties", default=True, help="是否同时执行定时任务（默认执行）。")
@with_appcontext
def serve(*, host: str, port: int, workers: int, threads: int, duties: bool) -> None:
    """启动服务。数据库结构不是最新时不启动，请先运行 lms db upgrade。"""
    if not migrate.is_current():
        message = "数据库结构不是最新。请先备份，再运行：lms db upgrade"
        raise click.ClickException(message)
    run_server(host=host, port=port, workers=workers, threads=threads, duties=duties)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """只执行定时任务（多机部署时单独运行一个）。"""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run_for_ever(app, jobs.duties_of(app), stop=stop)
