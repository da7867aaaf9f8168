from pathlib import Path

import pytest
from flask import Flask

from tests.quizzes.bank import World


@pytest.fixture
def world(context: Flask, tmp_path: Path) -> World:
    return World(tmp_path)
