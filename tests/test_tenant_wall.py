"""A walk over every route as the wrong tenant and as nobody: only 404, 403 or the sign-in page.

The first institution is the demo with all it contains; the second has people in every role. A new route takes part by
itself;
a new kind of argument must be given a value here, or the walk fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from lms.accounts import services as accounts
from lms.cohorts import services as cohorts
from lms.completion import services as completion
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.listing import ListQuery
from lms.courses import services as courses
from lms.courses.content import default_root
from lms.demo import world
from lms.quizzes import services as quizzes
from lms.web.access import PUBLIC, access_of

ROLES = ("administrator", "registrar", "head_teacher", "instructor", "learner")
# what the two institutions share: the official syllabus, lessons, laws and question bank
SHARED_CODES = {"code": "2.4", "lesson_code": "2.4-1"}
SECRET_NAME = "㛃不该看见"


@dataclass
class Scene:
    """The first institution's things, by the names that routes use, and who is signed in for the second."""

    arguments: dict[str, object]
    clients: dict[str, FlaskClient]


@pytest.fixture
def scene(app: Flask) -> Iterator[Scene]:
    with app.app_context():
        arguments = build_first()
        other = build_second()
    clients = {"nobody": app.test_client()}
    for role, login in other.items():
        clients[role] = app.test_client()
        answer = clients[role].post("/sign-in", data={"login": login, "password": world.PASSWORD})
        assert answer.status_code == 302, role
    yield Scene(arguments, clients)
    with app.app_context():
        db.session.remove()


def build_first() -> dict[str, object]:
    at = datetime.now(UTC)
    password_hash = accounts.hash_password(world.PASSWORD)
    with transaction():
        courses.import_content(root=default_root(), at=at)
        quizzes.import_bank(root=default_root(), at=at)
        owner, staff = world.make_organisations(at=at, password_hash=password_hash)
        made = world.make_running_cohort(owner=owner, staff=staff, count=2, at=at, password_hash=password_hash)
        finished = world.make_finished_cohort(owner=owner, staff=staff, at=at, password_hash=password_hash)
        world.approve_records(finished, at=at)
        course_id = courses.create_course(
            organisation_id=owner, name=SECRET_NAME, items=[("2.4", 45)], at=at, actor_id=staff["jiaowu"]
        )
        local = courses.create_local_item(
            organisation_id=owner,
            group=courses.list_items(organisation_id=owner)[0].group,
            title=SECRET_NAME,
            at=at,
            actor_id=staff["jiaowu"],
        )
        started = quizzes.start_attempt(
            organisation_id=owner, quiz_id=made.final_test_id, person_id=made.learner_ids[0], at=at
        )
    prepared = completion.prepare(organisation_id=owner, cohort_id=finished.cohort_id, base_url="http://x", at=at)
    pdfs = completion.typeset([record.payload for record in prepared])
    with transaction():
        numbers = completion.issue(
            organisation_id=owner,
            cohort_id=finished.cohort_id,
            prepared=prepared,
            pdfs=pdfs,
            at=at,
            actor_id=staff["jiaowu"],
        )
    version_id, report_id = report_a_question(owner, made, at=at)
    change_id, review_id = change_an_article(owner, local, at=at, actor_id=staff["jiaowu"])
    session = cohorts.list_sessions(organisation_id=owner, cohort_id=made.cohort_id)[-1]
    place = cohorts.learners(organisation_id=owner, cohort_id=made.cohort_id)[0]
    return {
        "organisation_id": owner,
        "cohort_id": made.cohort_id,
        "course_id": course_id,
        "person_id": made.learner_ids[0],
        "session_id": session.id,
        "enrolment_id": place.id,
        "quiz_id": made.final_test_id,
        "attempt_id": started.attempt_id,
        "number": numbers[0],
        "local_item": local,
        "change_id": change_id,
        "review_id": review_id,
        "version_id": version_id,
        "report_id": report_id,
    }


def report_a_question(owner: int, made: world.World, *, at: datetime) -> tuple[int, int]:
    """A learner of the first institution practises a question and reports it; return the version and the report."""
    learner = {"organisation_id": owner, "person_id": made.learner_ids[1]}
    with transaction():
        run_id = quizzes.begin_practice(**learner, item_code="2.4", at=at)
        quizzes.answer_practice(**learner, run_id=run_id, position=1, given=None, give_up=True, at=at)
        version_id = quizzes.get_practice_question(**learner, run_id=run_id, position=1).version_id
        reported = quizzes.report_question(
            **learner, version_id=version_id, kind="other", text=f"{SECRET_NAME}，请看一看", at=at
        )
    return version_id, reported.report_id


def change_an_article(owner: int, item_code: str, *, at: datetime, actor_id: int) -> tuple[int, int]:
    """An article changes that a lesson of the first institution cites; return the change and that lesson's review."""
    source = "## 规则\n\n配专管员。[《条例》28](law:wage-regulation#28)"
    draft = courses.LessonDraft(title=SECRET_NAME, minutes=30, as_of=clock.local_date(at), source=source)
    text = "# 保障农民工工资支付条例（节录）\n\n第二十八条　改了。".encode()
    with transaction():
        code = courses.save_local_lesson(
            organisation_id=owner, item_code=item_code, draft=draft, at=at, actor_id=actor_id
        )
        courses.check_laws(files=[("条例.md", text)], at=at)
    review = next(one for one in courses.waiting_reviews(organisation_id=owner) if one.subject == code)
    return review.change_id, review.id


def build_second() -> dict[str, str]:
    at = clock.now()
    password_hash = accounts.hash_password(world.PASSWORD)
    logins = {}
    with transaction():
        owner = accounts.create_organisation(kind="institution", name="襄阳另一家培训学校", at=at)
        for role in ROLES:
            login = f"other-{role.replace('_', '-')}"
            made = accounts.enrol_person(
                organisation_id=owner, role=role, name="赵四", login_name=login, at=at, actor_id=None
            )
            accounts.set_password(person_id=made.person_id, password_hash=password_hash, at=at)
            accounts.accept_notice(person_id=made.person_id, organisation_id=owner, at=at)
            logins[role] = login
    return logins


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def refused(answer: TestResponse) -> bool:
    to_sign_in = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    return answer.status_code in (401, 403, 404) or to_sign_in


def test_nobody_and_the_wrong_tenant_meet_a_wall(app: Flask, scene: Scene) -> None:
    """One walk for all, since the scene takes seconds to build: (who, method, route, what came back)."""
    holes = []
    for rule in rules(app):
        if access_of(app.view_functions[rule.endpoint]) == PUBLIC:
            continue
        where = address(app, rule, scene.arguments)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = scene.clients["nobody"].open(where, method=method)
            if not refused(answer):
                holes.append(("nobody", method, rule.rule, answer.status_code))
            if method == "POST" and not owned(rule):
                continue
            holes += [
                (role, method, rule.rule, found) for role in ROLES if (found := hole(scene, role, rule, where, method))
            ]
    assert holes == [], "\n".join(map(str, holes))


def hole(scene: Scene, role: str, rule: Rule, where: str, method: str) -> int | str | None:
    """Return what the other institution's person got that they should not have."""
    answer = scene.clients[role].open(where, method=method)
    if owned(rule) and not refused(answer):
        return answer.status_code
    text = answer.data.decode("utf-8", "ignore")
    if SECRET_NAME in text or world.RUNNING in text or world.FINISHED in text:
        return "shows the other's data"
    return None


OWNED = {
    "organisation_id",
    "cohort_id",
    "course_id",
    "person_id",
    "session_id",
    "enrolment_id",
    "quiz_id",
    "attempt_id",
    "review_id",
    "number",
    "import_id",
    "version_id",
    "report_id",
}


def owned(rule: Rule) -> bool:
    return bool(rule.arguments & OWNED)


def address(app: Flask, rule: Rule, arguments: dict[str, object]) -> str:
    known = {
        **SHARED_CODES,
        "slug": "wage-regulation",
        "no": "28",
        "question_id": 1,
        "token": "x.y.z",
        "import_id": 1,
        "prompt_id": 1,
        "field": "phone",
        "name": "dispute-path",
        "revision": 1,
        "role": "learner",
        "filename": "x",
        **arguments,
    }
    if isinstance(rule._converters.get("number"), IntegerConverter):  # a revision's number
        known["number"] = 1
    missing = rule.arguments - known.keys()
    assert not missing, f"{rule.rule} needs a value for {missing} in this test"
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})


def test_the_scene_has_something_to_hide(app: Flask, scene: Scene) -> None:
    """The walk would prove nothing if the first institution's own people could not see these things."""
    own = app.test_client()
    own.post("/sign-in", data={"login": "jiaowu", "password": world.PASSWORD})
    assert world.RUNNING in own.get(f"/cohorts/{scene.arguments['cohort_id']}").text
    with app.app_context():
        assert db.session.execute(select(1)).scalar() == 1
        assert accounts.list_organisations(query=ListQuery()).total == 3
