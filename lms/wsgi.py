"""The WSGI application that servers load: `lms.wsgi:app`."""

from lms.app import create_app
from lms.web.observe import configure_logs

configure_logs()
app = create_app()
