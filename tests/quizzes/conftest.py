from pathlib import Path

import pytest
from flask import Flask

from tests.quizzes.bank import World
from tests.quizzes.site import site  # noqa: F401  (one served application a module)


@pytest.fixture
def world(context: Flask, tmp_path: Path) -> World:
    return World(tmp_path)
