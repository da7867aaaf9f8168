"""The pictures and checks of `fixtures.py` wait for a page that is still on its way."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response
from playwright.sync_api import Page

from tests.browser.fixtures import harmless, shoot
from tests.threads import served

pytestmark = pytest.mark.browser

SLOW = 0.7
"""Seconds between the head of the answer, which makes the browser leave the old page, and its body."""


@pytest.fixture
def address() -> Iterator[str]:
    app = Flask(__name__)

    @app.get("/")
    def _first() -> str:
        return "<!doctype html><html lang=en><title>first</title><main><a href=/slow>go</a></main></html>"

    @app.get("/slow")
    def _slow() -> Response:
        def body() -> Iterator[str]:
            yield " " * 2048
            time.sleep(SLOW)
            yield "<!doctype html><html lang=en><title>second</title><main><p>there</p></main></html>"

        return Response(body(), mimetype="text/html")

    with served(app) as address:
        yield address


@pytest.mark.parametrize("look", [lambda page: shoot(page, "slow"), harmless], ids=["shoot", "harmless"])
def test_a_look_waits_for_the_page(
    address: str, open_page: Callable[..., Page], look: Callable[[Page], object]
) -> None:
    page = open_page(base_url=address)
    page.goto("/")
    page.click("a")
    assert not look(page)
    assert page.title() == "second"
