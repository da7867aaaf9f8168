"""A real server for the browser tests; the browser itself stands in `fixtures.py`."""

from collections.abc import Iterator

import pytest

from scripts.live import LiveServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A served database with the content in it and nobody yet."""
    live = LiveServer(tmp_path_factory.mktemp("live"))
    live.prepare()
    live.start()
    yield live
    live.stop()


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, dict[str, object]]]:
    """A served demo and what `lms demo create` said of it."""
    live = LiveServer(tmp_path_factory.mktemp("demo"))
    live.prepare()
    answer = live.demo()
    live.start()
    yield live, answer
    live.stop()
