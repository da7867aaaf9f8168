"""A served application with a learner in it, for tests in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from lms.accounts.models import Person
from lms.core import clock
from lms.core.db import db
from lms.quizzes.services import OwnQuiz
from tests import factories
from tests.conftest import make_app
from tests.quizzes.bank import World
from tests.threads import served

Opener = Callable[..., Page]


@dataclass
class Site:
    """A served application with a learner in it."""

    app: Flask
    world: World
    url: str

    @property
    def login(self) -> str:
        """What the learner types to sign in."""
        with self.app.app_context():
            login = db.session.get_one(Person, self.world.person_id).login_name
            db.session.remove()
            return login or ""

    def page(self, open_page: Opener, *, path: str = "/quizzes/", scripts: bool = True) -> Page:
        """Open a page on a phone, signed in."""
        page = open_page(phone=True, base_url=self.url)
        if not scripts:
            context = page.context.browser.new_context(java_script_enabled=False, base_url=self.url)  # type: ignore[union-attr]
            page = context.new_page()
        with self.app.app_context():
            client = factories.signed_in(self.app.test_client(), self.world.person_id)
        cookie = client.get_cookie("lms_session")
        assert cookie is not None
        page.context.add_cookies([{"name": "lms_session", "value": cookie.value, "url": self.url}])
        page.goto(path)
        return page

    def begin(self, *, left: timedelta = timedelta(minutes=15)) -> int:
        """Begin an attempt with so much time left."""
        with self.app.app_context():
            attempt_id = self.world.start(at=clock.now() - timedelta(minutes=15) + left)
            db.session.remove()
            return attempt_id

    def answers(self, attempt_id: int) -> dict[int, object]:
        """What the server has kept."""
        with self.app.app_context():
            kept = {
                one.position: one.answer for one in self.world.paper(attempt_id).questions if one.answer is not None
            }
            db.session.remove()
            return kept

    def standing(self) -> OwnQuiz:
        """How the learner stands in the quiz."""
        from lms.quizzes import services

        with self.app.app_context():
            found = services.own_quizzes(
                organisation_id=self.world.organisation_id,
                cohort_id=self.world.cohort_id,
                person_id=self.world.person_id,
            )
            db.session.remove()
            return next(own for own in found if own.quiz.id == self.world.item.id)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("quizzes")
    app = make_app(folder)
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        world = World(Path(folder) / "content")
        db.session.remove()
    with served(app) as address:
        yield Site(app, world, address)


def option(page: Page, place: int) -> None:
    page.locator(".question:not([hidden]) .option-row").nth(place).click()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text("✓ 已保存")
