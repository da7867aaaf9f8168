"""What tests need threads for: several people at the same moment, and a server for a browser."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from lms.core.db import db
from lms.core.errors import LmsError


def together(app: Flask, count: int, act: Callable[[int], object]) -> list[object]:
    """Do the same thing in several threads at the same moment and return what came of each."""
    barrier = threading.Barrier(count)
    outcomes: list[object] = [None] * count

    def run(at: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                outcomes[at] = act(at)
            except LmsError as error:
                outcomes[at] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application to a browser and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
