"""Running the product: `lms serve` (web and duties) and `lms worker` (duties only)."""

import os
import shutil
import signal
import threading
from collections.abc import Callable
from tempfile import mkdtemp
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from lms.core import jobs
from lms.core.plugin import Periodic, Registry
from lms.migrations import migrate

F = TypeVar("F", bound=Callable[..., Any])


def duties_of(app: Flask) -> list[Periodic]:
    """Return the periodic duties of all plugins."""
    registry: Registry = app.extensions["lms_registry"]
    return [duty for plugin in registry.plugins for duty in plugin.periodic]


def run_server(app: Flask, *, host: str, port: int, workers: int, threads: int, duties: bool) -> None:
    """Serve until stopped; the supervising process also looks after the periodic duties."""
    from granian import Granian  # noqa: PLC0415  (the workers import this module too and need no server)
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    metrics = mkdtemp(prefix="lms-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics
    stop = threading.Event()
    if duties:
        threading.Thread(
            target=jobs.run_for_ever, args=(app, duties_of(app)), kwargs={"stop": stop}, daemon=True, name="duties"
        ).start()
    try:
        Granian(
            "lms.wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backlog=1024,
            http1_settings=HTTP1Settings(keep_alive=True),
            log_access=False,
            respawn_failed_workers=True,
            websockets=False,
        ).serve()
    finally:
        stop.set()
        shutil.rmtree(metrics, ignore_errors=True)


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
        raise click.ClickException("数据库结构不是最新。请先备份，再运行：lms db upgrade")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    run_server(app, host=host, port=port, workers=workers, threads=threads, duties=duties)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """只执行定时任务（多机部署时单独运行一个）。"""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run_for_ever(app, duties_of(app), stop=stop)
