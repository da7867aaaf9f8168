"""What the demo consists of; everything is made through the plugins' own doors, nothing is written past them.

One institution with its staff, one employer, a running cohort with today's class and some days behind it, and a
small cohort that is finished and has its records issued. Moments in the past are given to the services as the time of
the act.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lms.accounts import services as accounts
from lms.attendance import services as attendance
from lms.attendance.services import Mark, Witness
from lms.cohorts import services as cohorts
from lms.completion import services as completion
from lms.core import clock
from lms.core.listing import ListQuery
from lms.courses import services as courses
from lms.demo.people import Invented, learners, uscc
from lms.quizzes import services as quizzes

INSTITUTION = "武汉安薪职业培训学校"
EMPLOYER = "湖北楚建工程有限公司"
PASSWORD = "Anxin-2026-demo"  # noqa: S105  (printed at every start; the demo refuses to live beside real institutions)
STAFF = (
    ("registrar", "jiaowu", "周文娟"),
    ("administrator", "guanli", "陈立新"),
    ("head_teacher", "banzhuren", "刘海波"),
    ("instructor", "jiangshi", "张国庆"),
)
COURSE = "劳资专管员岗位培训（湖北参考大纲）"
SHORT_COURSE = "劳资专管员专题班（条例、专户、保证金）"
SHORT_ITEMS = (("2.2", 180), ("2.4", 180), ("2.5", 180))
RUNNING = "第4期劳资专管员脱产班"
FINISHED = "第3期专题班"
ROOM = "2号楼301教室"
PLACE = "武汉市江夏区庙山大道9号"
MORNING = ((time(8, 30), time(10, 0)), (time(10, 15), time(11, 45)))
AFTERNOON = ((time(14, 0), time(15, 30)), (time(15, 45), time(17, 15)))
WITH_HISTORY = 12
EVERY_KIND = {
    "single": (3, 10),
    "multiple": (1, 10),
    "true_false": (1, 10),
    "numeric": (2, 10),
    "fill": (1, 10),
    "case": (1, 20),
}
FINAL_TEST_20 = {"single": (10, 5), "multiple": (5, 5), "true_false": (5, 5)}
RULE = {"attended_percent": 90, "items_finished": True, "quizzes_passed": True, "final_test_passed": True}


@dataclass(frozen=True, slots=True)
class World:
    """Ids of what was made or found."""

    organisation_id: int
    staff: Mapping[str, int]
    cohort_id: int
    learner_ids: Sequence[int]
    final_test_id: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The finished cohort, ready for its records."""

    organisation_id: int
    cohort_id: int
    registrar_id: int


def make_organisations(*, at: datetime, password_hash: str) -> tuple[int, dict[str, int]]:
    """Make the institution with its staff and the employer with its clerk."""
    owner = accounts.create_organisation(
        kind="institution", name=INSTITUTION, short_name="安薪学校", uscc=uscc("52420100MJH012345"), at=at
    )
    staff = {
        login: _member(owner, role, name=name, login=login, at=at, password_hash=password_hash)
        for role, login, name in STAFF
    }
    employer = accounts.create_organisation(
        kind="employer", name=EMPLOYER, short_name="楚建", uscc=uscc("91420100MA4KD1234"), at=at
    )
    _member(employer, "employer_clerk", name="吴秀英", login="danwei", at=at, password_hash=password_hash)
    return owner, staff


def _member(owner: int, role: str, *, name: str, login: str, at: datetime, password_hash: str) -> int:
    made = accounts.enrol_person(organisation_id=owner, role=role, name=name, login_name=login, at=at, actor_id=None)
    _let_in(owner, made.person_id, at=at, password_hash=password_hash)
    return made.person_id


def _let_in(owner: int, person_id: int, *, at: datetime, password_hash: str) -> None:
    accounts.set_password(person_id=person_id, password_hash=password_hash, at=at)
    accounts.accept_notice(person_id=person_id, organisation_id=owner, at=at)


def enrol_learners(
    owner: int, cohort_id: int, people: Sequence[Invented], *, at: datetime, actor_id: int, password_hash: str
) -> list[int]:
    """Make learners and give them places; returns their ids."""
    ids = []
    for person in people:
        made = accounts.enrol_person(
            organisation_id=owner,
            role="learner",
            name=person.name,
            phone=person.phone,
            id_number=person.id_number,
            login_name=person.login,
            at=at,
            actor_id=actor_id,
        )
        _let_in(owner, made.person_id, at=at, password_hash=password_hash)
        cohorts.enrol(
            organisation_id=owner,
            cohort_id=cohort_id,
            person_id=made.person_id,
            employer_name=person.employer,
            at=at,
            actor_id=actor_id,
        )
        ids.append(made.person_id)
    return ids


def make_running_cohort(*, owner: int, staff: Mapping[str, int], count: int, at: datetime, password_hash: str) -> World:
    """Make the running cohort: two days behind it, today's class, more to come, a 20-question final test."""
    registrar = staff["jiaowu"]
    today = clock.local_date(at)
    begun = clock.local_moment(today - timedelta(days=3), time(9))
    items = [(item.code, 150) for item in courses.list_items(organisation_id=owner) if not item.is_local]
    course_id = courses.create_course(organisation_id=owner, name=COURSE, items=items, at=begun, actor_id=registrar)
    cohort_id = cohorts.create_cohort(
        organisation_id=owner,
        name=f"{today.year}年{RUNNING}",
        course_id=course_id,
        target_level=4,
        mode="full_time",
        starts_on=today - timedelta(days=3),
        ends_on=today + timedelta(days=11),
        place=PLACE,
        head_teacher_id=staff["banzhuren"],
        planned_minutes=60 * 45,
        completion_rule=RULE,
        at=begun,
        actor_id=registrar,
    )
    cohorts.open_cohort(organisation_id=owner, cohort_id=cohort_id, at=begun, actor_id=registrar)
    final_test_id = twenty_questions(owner, cohort_id, at=at, actor_id=registrar)
    every_kind(owner, cohort_id, "3.4", at=at, actor_id=registrar)
    ids = enrol_learners(
        owner, cohort_id, list(learners(count)), at=begun, actor_id=registrar, password_hash=password_hash
    )
    teaching = _Teaching(owner, cohort_id, staff["jiangshi"], registrar)
    for days, codes in ((2, ("1.1", "1.2", "2.2", "2.2")), (1, ("2.2", "2.4", "2.4", "2.8"))):
        teaching.day_with_history(today - timedelta(days=days), codes, ids[:WITH_HISTORY])
    teaching.today(at)
    for days, codes in ((1, ("2.5", "2.10", "2.10", "3.4")), (2, ("3.4", "3.4", "2.1", "2.1"))):
        teaching.day(today + timedelta(days=days), codes)
    for person_id in ids[:WITH_HISTORY:2]:
        for code in ("1.1-1", "1.1-2", "2.2-1"):
            courses.finish_lesson(person_id=person_id, lesson_code=code, at=begun + timedelta(days=1))
    return World(owner, staff, cohort_id, ids, final_test_id)


def every_kind(owner: int, cohort_id: int, item_code: str, *, at: datetime, actor_id: int) -> None:
    """Let the quiz after an item draw every kind of question, a case among them; 9 questions in 20 minutes."""
    listed = quizzes.quizzes_of_cohort(organisation_id=owner, cohort_id=cohort_id)
    quiz = next(quiz for quiz in listed if quiz.item_code == item_code)
    settings = quizzes.QuizSettings(
        title=quiz.title,
        minutes=20,
        pass_mark=quiz.pass_mark,
        max_attempts=quiz.max_attempts,
        sections=quizzes.item_quiz_sections(item_code=item_code, wanted=EVERY_KIND),
        multiple_rule=quiz.multiple_rule,
        opens_at=quiz.opens_at,
        closes_at=quiz.closes_at,
    )
    quizzes.update_quiz(organisation_id=owner, quiz_id=quiz.id, settings=settings, at=at, actor_id=actor_id)


def twenty_questions(owner: int, cohort_id: int, *, at: datetime, actor_id: int) -> int:
    """Shorten the final test that opening a cohort makes to 20 questions in 30 minutes and return its id."""
    final = next(
        quiz for quiz in quizzes.quizzes_of_cohort(organisation_id=owner, cohort_id=cohort_id) if quiz.is_final
    )
    settings = quizzes.QuizSettings(
        title=final.title,
        minutes=30,
        pass_mark=final.pass_mark,
        max_attempts=final.max_attempts,
        sections=quizzes.final_test_sections(organisation_id=owner, cohort_id=cohort_id, wanted=FINAL_TEST_20),
        multiple_rule=final.multiple_rule,
        opens_at=final.opens_at,
        closes_at=final.closes_at,
    )
    quizzes.update_quiz(organisation_id=owner, quiz_id=final.id, settings=settings, at=at, actor_id=actor_id)
    return final.id


@dataclass(frozen=True, slots=True)
class _Teaching:
    """Puts classes on a cohort's timetable and plays past ones."""

    owner: int
    cohort_id: int
    instructor_id: int
    registrar_id: int

    def day(
        self, on: date, codes: Sequence[str], spans: Sequence[tuple[time, time]] = MORNING + AFTERNOON
    ) -> list[int]:
        """Schedule the classes of a day and return their ids."""
        return [
            self._schedule(clock.local_moment(on, starts), clock.local_moment(on, ends), code)
            for (starts, ends), code in zip(spans, codes, strict=True)
        ]

    def _schedule(self, starts_at: datetime, ends_at: datetime, code: str) -> int:
        return cohorts.schedule_session(
            organisation_id=self.owner,
            cohort_id=self.cohort_id,
            starts_at=starts_at,
            ends_at=ends_at,
            item_code=code,
            instructor_id=self.instructor_id,
            room=ROOM,
            at=starts_at - timedelta(days=1),
            actor_id=self.registrar_id,
        )

    def day_with_history(
        self,
        on: date,
        codes: Sequence[str],
        person_ids: Sequence[int],
        spans: Sequence[tuple[time, time]] = MORNING + AFTERNOON,
    ) -> None:
        """Schedule a past day and let learners sign in and out; one comes late, one forgets to sign out."""
        for place, session_id in enumerate(self.day(on, codes, spans)):
            session = cohorts.get_session(organisation_id=self.owner, session_id=session_id)
            for number, person_id in enumerate(person_ids):
                late = timedelta(minutes=12) if number == 3 and place == 0 else timedelta(minutes=-5 + number % 4)
                self._sign(person_id, session_id, session.starts_at + late, arriving=True)
                if not (number == 5 and place == 1):
                    self._sign(person_id, session_id, session.ends_at + timedelta(seconds=20 + number), arriving=False)
            unclear = {person_ids[number] for number in (3, 5) if number < len(person_ids)}
            self._call(session_id, session.ends_at - timedelta(minutes=5), besides=unclear)

    def _sign(self, person_id: int, session_id: int, moment: datetime, *, arriving: bool) -> None:
        act = attendance.check_in if arriving else attendance.check_out
        act(
            organisation_id=self.owner,
            person_id=person_id,
            session_id=session_id,
            witness=Witness.LEARNER_QR,
            at=moment,
        )

    def _call(self, session_id: int, moment: datetime, *, besides: set[int]) -> None:
        """The instructor calls the roll; those besides, by person, are left as they signed."""
        sheet = attendance.roll_call_sheet(organisation_id=self.owner, session_id=session_id, at=moment)
        marks = {row.enrolment_id: (Mark.PRESENT, 0) for number, row in enumerate(sheet.rows) if number not in besides}
        attendance.roll_call(
            organisation_id=self.owner, session_id=session_id, marks=marks, at=moment, actor_id=self.instructor_id
        )

    def today(self, at: datetime) -> None:
        """Schedule a class that is going on now, and another later today when the day is long enough."""
        local = clock.to_local(at)
        start = local.replace(minute=30 if local.minute >= 30 else 0, second=0, microsecond=0) - timedelta(minutes=30)
        midnight = clock.local_midnight(local.date())
        starts_at = max(start, midnight)
        ends_at = min(starts_at + timedelta(minutes=120), midnight + timedelta(hours=23, minutes=59))
        self._schedule(starts_at, ends_at, "2.5")


def make_finished_cohort(*, owner: int, staff: Mapping[str, int], at: datetime, password_hash: str) -> Finished:
    """Make a small finished cohort in which three learners have met every rule."""
    registrar = staff["jiaowu"]
    first = clock.local_date(at) - timedelta(days=40)
    begun = clock.local_moment(first, time(7))
    course_id = courses.create_course(
        organisation_id=owner, name=SHORT_COURSE, items=list(SHORT_ITEMS), at=begun, actor_id=registrar
    )
    cohort_id = cohorts.create_cohort(
        organisation_id=owner,
        name=f"{first.year}年{FINISHED}",
        course_id=course_id,
        target_level=4,
        mode="full_time",
        starts_on=first,
        ends_on=first + timedelta(days=3),
        place=PLACE,
        head_teacher_id=staff["banzhuren"],
        planned_minutes=12 * 45,
        completion_rule=RULE,
        at=begun,
        actor_id=registrar,
    )
    cohorts.open_cohort(organisation_id=owner, cohort_id=cohort_id, at=begun, actor_id=registrar)
    people = [Invented(**vars_of(person, number)) for number, person in enumerate(list(learners(303))[300:], start=1)]
    ids = enrol_learners(owner, cohort_id, people, at=begun, actor_id=registrar, password_hash=password_hash)
    teaching = _Teaching(owner, cohort_id, staff["jiangshi"], registrar)
    spans = (*MORNING, AFTERNOON[0])
    for days, codes in ((0, ("2.2", "2.2", "2.4")), (1, ("2.4", "2.5", "2.5"))):
        teaching.day_with_history(first + timedelta(days=days), codes, ids, spans)
    done = clock.local_moment(first + timedelta(days=2), time(10))
    lessons = courses.lessons_of_items(organisation_id=owner, codes=[code for code, _ in SHORT_ITEMS])
    for person_id in ids:
        for group in lessons.values():
            for lesson in group:
                courses.finish_lesson(person_id=person_id, lesson_code=lesson.code, at=done)
        _pass_quizzes(owner, cohort_id, person_id, at=done)
    return Finished(owner, cohort_id, registrar)


def vars_of(person: Invented, number: int) -> dict[str, str]:
    """Return an invented person's particulars under the sign-in name of a former learner."""
    return {
        "login": f"jieye{number:02d}",
        "name": person.name,
        "phone": person.phone,
        "id_number": person.id_number,
        "employer": person.employer,
    }


def _pass_quizzes(owner: int, cohort_id: int, person_id: int, *, at: datetime) -> None:
    """Take every quiz of the cohort as somebody who has learnt well: one wrong answer in each."""
    key = _key(owner)
    for quiz in quizzes.quizzes_of_cohort(organisation_id=owner, cohort_id=cohort_id):
        started = quizzes.start_attempt(organisation_id=owner, quiz_id=quiz.id, person_id=person_id, at=at)
        paper = quizzes.find_paper(organisation_id=owner, attempt_id=started.attempt_id, person_id=person_id)
        if paper is None:
            continue
        for question in paper.questions:
            right = key[str(question.stem)]
            places = [place for place, html in enumerate(question.options) if str(html) in right]
            wrong_on_purpose = question.position == 1
            quizzes.save_answer(
                organisation_id=owner,
                attempt_id=started.attempt_id,
                person_id=person_id,
                position=question.position,
                given=[(places[0] + 1) % len(question.options)] if wrong_on_purpose else places,
                sequence=question.position,
                at=at + timedelta(seconds=20 * question.position),
            )
        quizzes.hand_in(
            organisation_id=owner,
            attempt_id=started.attempt_id,
            person_id=person_id,
            at=at + timedelta(seconds=20 * len(paper.questions) + 30),
        )


def _key(owner: int) -> dict[str, set[str]]:
    """Return the right options by stem, as the bank's own pages show them to staff."""
    key = {}
    for code, _ in SHORT_ITEMS:
        page = quizzes.list_questions(query=ListQuery(size=500), item_code=code)
        for row in page.rows:
            face = quizzes.get_question(organisation_id=owner, question_id=row.id).versions[0].face
            key[str(face.stem)] = {str(option.html) for option in face.options if option.correct}
    return key


def approve_records(finished: Finished, *, at: datetime) -> int:
    """Propose and approve everybody of the finished cohort who meets the rule; return how many."""
    completion.propose(
        organisation_id=finished.organisation_id, cohort_id=finished.cohort_id, at=at, actor_id=finished.registrar_id
    )
    listed = completion.candidates(organisation_id=finished.organisation_id, cohort_id=finished.cohort_id)
    for candidate in listed.values():
        completion.review(
            organisation_id=finished.organisation_id,
            candidate_id=candidate.id,
            approve=True,
            note="",
            at=at,
            actor_id=finished.registrar_id,
        )
    return len(listed)
