"""What many tests begin with: institutions, people who can sign in, a course, a cohort with learners in it.

Every function opens its own `transaction()` and needs an application context; ids come back, not rows. Names and
numbers are invented; the ID numbers pass every check.
"""

import contextvars
import itertools
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.accounts import services as accounts
from lms.accounts.models import Membership, Person
from lms.cohorts import services as cohorts
from lms.core.clock import local_date
from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.demo.people import id_number as invented_id_number

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in China
PASSWORD = "Changjiang-7"
ITEMS = (("1.1", "ethics"), ("2.4", "theory"), ("3.4", "skills"))
LESSONS = ("1.1-1", "2.4-1", "2.4-2", "3.4-1")
RULE = {"attended_percent": 90, "items_finished": True, "quizzes_passed": True, "final_test_passed": True}

_serial = itertools.count(1)

_LAW = """
slug = "wage-regulation"
title = "保障农民工工资支付条例"
short_title = "条例"
number = "国务院令第724号"
issuer = "国务院"
effective_on = 2020-05-01
amended_on = ""
status = "in_force"
text_status = "full"
region = "全国"

[[article]]
no = "28"
gist = "总包在每个项目配劳资专管员。"
sha256 = ""
"""

_LESSON = """+++
code = "{code}"
item = "{item}"
order = {order}
title = "第 {code} 课"
minutes = 45
as_of = 2026-01-20
reviewed = {{ on = 2026-01-20, outcome = "passed", note = "已对照原文" }}
self_check = ["{item}-s01"]
sources = [{{ law = "wage-regulation", article = "28" }}]
+++
## 学完你能做什么

知道谁负责。[《条例》28](law:wage-regulation#28)

## 五行小结

1. 一
"""


def serial() -> int:
    """Return a number nobody has had in this test run."""
    return next(_serial)


def id_number(number: int | None = None) -> str:
    """Return a sound ID number of nobody."""
    return invented_id_number(serial() if number is None else number)


def phone(number: int | None = None) -> str:
    """Return a mobile number of nobody."""
    return f"139{(serial() if number is None else number):08d}"


def institution(name: str = "", *, kind: str = "institution", at: datetime = AT) -> int:
    """Make an organisation and return its id."""
    with transaction():
        return accounts.create_organisation(kind=kind, name=name or f"武汉第{serial()}培训学校", at=at)


def member(
    *,
    organisation_id: int,
    role: str = "learner",
    name: str = "王建国",
    login_name: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
    ready: bool = True,
    at: datetime = AT,
) -> int:
    """Make a person with a role and return their id; `ready` leaves no first steps (password is PASSWORD)."""
    login = login_name or f"user{serial()}"
    with transaction():
        made = accounts.enrol_person(
            organisation_id=organisation_id,
            role=role,
            name=name,
            login_name=login,
            phone=phone,
            id_number=id_number,
            at=at,
            actor_id=None,
        )
        if ready:
            accounts.set_password(person_id=made.person_id, password_hash=accounts.hash_password(PASSWORD), at=at)
            accounts.accept_notice(person_id=made.person_id, organisation_id=organisation_id, at=at)
    return made.person_id


def write_content(root: Path, *, lessons: Sequence[str] = LESSONS) -> Path:
    """Write a small content folder, the bank apart: three items, one law, lessons of 45 minutes each."""
    for place in ("syllabus", "laws"):
        (root / place).mkdir()
    entries = [f'[[item]]\ncode = "{code}"\ngroup = "{group}"\ntitle = "条目 {code}"\n' for code, group in ITEMS]
    (root / "syllabus" / "syllabus.toml").write_text("\n".join(entries), "utf-8")
    (root / "laws" / "wage-regulation.toml").write_text(_LAW, "utf-8")
    for code in lessons:
        item, _, order = code.partition("-")
        (root / "syllabus" / item).mkdir(exist_ok=True)
        text = _LESSON.format(code=code, item=item, order=order)
        (root / "syllabus" / item / f"{code}.md").write_text(text, "utf-8")
    return root


def syllabus(*, lessons: Sequence[str] = LESSONS, at: datetime = AT) -> None:
    """Import the small content folder; nothing when there is a syllabus already."""
    if courses.item_codes():
        return
    with tempfile.TemporaryDirectory() as folder, transaction():
        courses.import_content(root=write_content(Path(folder), lessons=lessons), at=at)


def course(*, organisation_id: int, items: Sequence[tuple[str, int]] = (), name: str = "", at: datetime = AT) -> int:
    """Make a course of (item code, minutes), by default the small syllabus with 90 minutes each; return its id."""
    syllabus(at=at)
    chosen = items or [(code, 90) for code, _group in ITEMS]
    with transaction():
        actor_id = member_of_staff(organisation_id, at=at)
        return courses.create_course(
            organisation_id=organisation_id,
            name=name or f"劳资专管员培训{serial()}",
            items=chosen,
            at=at,
            actor_id=actor_id,
        )


def member_of_staff(organisation_id: int, *, role: str = "registrar", at: datetime = AT) -> int:
    """Return one of the institution's staff with this role, made when there is nobody; for use in a transaction."""
    found = accounts.list_staff(organisation_id=organisation_id, roles=[role])
    if found:
        return found[0].id
    made = accounts.enrol_person(
        organisation_id=organisation_id, role=role, name="李教务", login_name=f"staff{serial()}", at=at, actor_id=None
    )
    return made.person_id


def cohort(
    *,
    organisation_id: int,
    course_id: int | None = None,
    name: str = "",
    opened: bool = True,
    starts_on: date | None = None,
    days: int = 60,
    planned_minutes: int = 270,
    rule: dict[str, object] | None = None,
    at: datetime = AT,
) -> int:
    """Make a cohort, opened unless told otherwise, and return its id; it begins on the day of `at` and lasts `days`."""
    taught = course(organisation_id=organisation_id, at=at) if course_id is None else course_id
    begins = starts_on or local_date(at)
    with transaction():
        actor_id = member_of_staff(organisation_id, at=at)
        cohort_id = cohorts.create_cohort(
            organisation_id=organisation_id,
            name=name or f"2026 年第 {serial()} 期",
            course_id=taught,
            target_level=4,
            mode="full_time",
            starts_on=begins,
            ends_on=begins + timedelta(days=days),
            place="一号教学楼",
            head_teacher_id=None,
            planned_minutes=planned_minutes,
            completion_rule=dict(RULE if rule is None else rule),
            at=at,
            actor_id=actor_id,
        )
        if opened:
            cohorts.open_cohort(organisation_id=organisation_id, cohort_id=cohort_id, at=at, actor_id=actor_id)
    return cohort_id


def class_session(
    *,
    organisation_id: int,
    cohort_id: int,
    starts_at: datetime,
    minutes: int = 90,
    item_code: str = "2.4",
    instructor_id: int | None = None,
    room: str = "",
    at: datetime = AT,
) -> int:
    """Put a class on the timetable and return its id."""
    with transaction():
        return cohorts.schedule_session(
            organisation_id=organisation_id,
            cohort_id=cohort_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            item_code=item_code,
            instructor_id=instructor_id,
            room=room,
            at=at,
            actor_id=member_of_staff(organisation_id, at=at),
        )


def enrolled_learner(
    *, organisation_id: int, cohort_id: int, name: str = "王建国", ready: bool = True, at: datetime = AT
) -> tuple[int, int]:
    """Make a learner with phone and ID number, enrol them, and return person id and enrolment id."""
    person_id = member(
        organisation_id=organisation_id, name=name, phone=phone(), id_number=id_number(), ready=ready, at=at
    )
    with transaction():
        enrolment_id = cohorts.enrol(
            organisation_id=organisation_id,
            cohort_id=cohort_id,
            person_id=person_id,
            employer_name="湖北楚建工程有限公司",
            at=at,
            actor_id=member_of_staff(organisation_id, at=at),
        )
    return person_id, enrolment_id


def signed_in(client: FlaskClient, person_id: int, *, organisation_id: int = 0) -> FlaskClient:
    """Sign a person in without the sign-in page and return the same browser; by default where they first belonged."""
    person = db.session.get_one(Person, person_id)
    first = select(Membership.organisation_id).where(Membership.person_id == person_id).order_by(Membership.id)
    home = organisation_id or db.session.scalars(first.limit(1)).one()
    token = f"{person_id}:{person.epoch}:{home}"
    db.session.remove()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client


class Browser(FlaskClient):
    """A client whose requests know nothing of the context that a test has pushed.

    Flask would reuse that context, and with it the signed-in person (`g`) and the database session of the request
    before: two browsers in one test would be one person reading old rows.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; what the test reads afterwards is read anew."""
        db.session.remove()
        return contextvars.Context().run(super().open, *args, **kwargs)


def browser(app: Flask, person_id: int | None = None, *, organisation_id: int = 0) -> Browser:
    """Return a browser of its own, signed in as somebody or as nobody."""
    made = Browser(app, app.response_class, use_cookies=True)
    if person_id is not None:
        signed_in(made, person_id, organisation_id=organisation_id)
    return made
