"""The WSGI application that servers load: `lms.wsgi:app`."""

import os
import threading

from lms.app import create_app
from lms.core import jobs
from lms.web.observe import configure_logs

configure_logs()
app = create_app()

if os.environ.get("LMS_DUTIES") == "1":
    # every worker looks, one gets the claim; a duty never waits for a process that is gone
    threading.Thread(
        target=jobs.run_for_ever,
        args=(app, jobs.duties_of(app)),
        kwargs={"stop": threading.Event()},
        daemon=True,
        name="duties",
    ).start()
