"""Addresses of static files that carry a fingerprint, so that phones may keep them for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, url_for

YEAR = 31_536_000


@lru_cache(maxsize=512)
def _fingerprint(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=512)
def _address(folder: str, endpoint: str, filename: str) -> str:
    path = Path(folder) / filename
    return url_for(endpoint, filename=filename, v=_fingerprint(str(path), path.stat().st_mtime))


def asset(blueprint: str, filename: str) -> str:
    """Return where browsers fetch a static file of a blueprint."""
    owner = current_app.blueprints[blueprint]
    return _address(str(owner.static_folder), f"{blueprint}.static", filename)


def init_app(app: Flask) -> None:
    """Let browsers keep fingerprinted files."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    app.jinja_env.globals["asset"] = asset
