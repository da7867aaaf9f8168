"""Logs without personal data, metrics, and the two health questions."""

import os
import secrets
import time
from functools import cache

import structlog
from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.core.db import db
from lms.core.errors import NotFound
from lms.web.access import public

log = structlog.get_logger("lms.request")

REQUESTS = Counter("lms_requests_total", "Requests answered", ("endpoint", "method", "status"))
SECONDS = Histogram(
    "lms_request_seconds", "Time to answer", ("endpoint",), buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
)


def configure_logs() -> None:
    """Write one JSON object a line to standard error; called once per process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(__import__("sys").stderr),
        cache_logger_on_first_use=True,
    )


def init_app(app: Flask, blueprint: Blueprint, *, metrics_token: str = "") -> None:
    """Time and log every request by its endpoint, never by its address: addresses can hold record numbers."""
    quiet = app.testing or os.environ.get("LMS_REQUEST_LOG", "1") == "0"
    app.before_request(_begin)
    app.after_request(_end_quietly if quiet else _end)
    _add_pages(blueprint, metrics_token)


def _begin() -> None:
    g.began = time.perf_counter()
    request.environ["lms.request_id"] = secrets.token_hex(6)


@cache
def _counter(endpoint: str, method: str, status: int) -> Counter:
    """The one counter of a kind of request; looked up once, there are as many as endpoints."""
    return REQUESTS.labels(endpoint, method, status)


@cache
def _clock(endpoint: str) -> Histogram:
    return SECONDS.labels(endpoint)


def _measure(response: Response) -> float | None:
    endpoint = request.endpoint or "-"
    began = g.pop("began", None)
    if began is None or endpoint.endswith("static"):
        return None
    seconds = time.perf_counter() - float(began)
    _counter(endpoint, request.method, response.status_code).inc()
    _clock(endpoint).observe(seconds)
    return seconds


def _end_quietly(response: Response) -> Response:
    _measure(response)
    return response


def _end(response: Response) -> Response:
    seconds = _measure(response)
    if seconds is not None:
        log.info(
            "request",
            endpoint=request.endpoint,
            method=request.method,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            id=request.environ["lms.request_id"],
        )
    return response


def _add_pages(blueprint: Blueprint, metrics_token: str) -> None:
    @blueprint.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/favicon.ico")
    @public
    def favicon() -> Response:
        """Answer browsers that ask by habit; pages name the icon themselves."""
        return Response(status=204)

    @blueprint.get("/readyz")
    @public
    def readyz() -> Response:
        try:
            db.session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            response = jsonify(status="database unreachable")
            response.status_code = 503
            return response
        return jsonify(status="ready")

    @blueprint.get("/metrics")
    @public
    def metrics() -> Response:
        """Answer the operator's collector only: with the token, or from this machine when none is set."""
        if not _may_collect(metrics_token):
            raise NotFound
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            collected = CollectorRegistry()
            multiprocess.MultiProcessCollector(collected)  # type: ignore[no-untyped-call]
            return Response(generate_latest(collected), content_type=CONTENT_TYPE_LATEST)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_collect(token: str) -> bool:
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    return request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
