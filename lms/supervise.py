"""The process above the web workers: starts them, replaces one that dies, stops them. It loads nothing of the product.

`lms serve` checks the schema and then becomes this process, so that the supervisor costs 30 MB instead of a whole
application. Options come as JSON in `LMS_SERVE`.
"""

import json
import os
import shutil
from tempfile import mkdtemp

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

BACKLOG = 1024


def main() -> None:
    """Serve until stopped."""
    options = json.loads(os.environ["LMS_SERVE"])
    metrics = mkdtemp(prefix="lms-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics
    try:
        Granian(
            "lms.wsgi:app",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=options["threads"],
            backlog=BACKLOG,
            http1_settings=HTTP1Settings(keep_alive=True),
            log_access=False,
            log_level="warn",  # type: ignore[arg-type]
            respawn_failed_workers=True,
            websockets=False,
        ).serve()
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


if __name__ == "__main__":
    main()
