"""What tests do about a machine that lacks something."""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = os.environ.get("LMS_REQUIRE_ALL") == "1"


def missing(what: str) -> NoReturn:
    """Fail in CI, skip elsewhere, and say why."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is required here", pytrace=False)
    pytest.skip(f"{what} is not available")
