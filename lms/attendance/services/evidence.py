"""Gathers what the crediting rule looks at: the same handful of statements for one learner or for three hundred."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, case, func, select

from lms.attendance import rules
from lms.attendance.models import Heartbeat, PresenceAct, Prompt, RollCallMark, Settlement, StudySpan
from lms.attendance.rules import Act, Evidence, Witness
from lms.attendance.rules.policy import PolicyData
from lms.attendance.services.policies import get_policy
from lms.attendance.services.records import Account, evidence_stream
from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView, EnrolmentView, SessionView
from lms.core.clock import SHANGHAI
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses import services as courses
from lms.courses.services import LessonView

NO_ACCOUNT = "没有找到这位学员在本班期的学时。请从班期页面重新进入。"


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same for every learner of a cohort.

    sessions: by id, those called off left out. items: titles by code. lessons: those of the course, by code.
    """

    cohort: CohortView
    policy: PolicyData
    sessions: dict[int, SessionView]
    items: dict[str, str]
    lessons: dict[str, LessonView]

    @property
    def nominal_seconds(self) -> dict[str, int]:
        """How long each lesson of the course counts at most."""
        return {code: lesson.minutes * 60 for code, lesson in self.lessons.items()}

    @property
    def unscheduled_seconds(self) -> int:
        """How much of the plan has neither a class nor a lesson yet: the timetable may still be growing."""
        offered = sum(session.seconds for session in self.sessions.values()) + sum(self.nominal_seconds.values())
        return max(0, self.cohort.planned_seconds - offered)


@dataclass(slots=True)
class Signs:
    """The evidence of one enrolment as it was read."""

    acts: list[rules.PresenceAct] = field(default_factory=list)
    beats: list[rules.Heartbeat] = field(default_factory=list)
    spans: list[rules.StudySpan] = field(default_factory=list)
    prompts: list[rules.Prompt] = field(default_factory=list)
    due_at: datetime | None = None

    def comes_due(self, moment: datetime) -> None:
        """Note that the result changes at a moment even if nothing more is recorded."""
        self.due_at = moment if self.due_at is None else min(self.due_at, moment)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything the rule looks at for one account, and when time alone will change the answer."""

    account: Account
    evidence: Evidence
    due_at: datetime | None


def find_accounts(
    *, organisation_id: int, cohort_id: int, person_ids: Collection[int] | None = None
) -> dict[int, Account]:
    """Return the accounts of a cohort by person, for everybody who ever had a place in it or some of them."""
    places: dict[int, list[EnrolmentView]] = defaultdict(list)
    if person_ids is not None and len(person_ids) == 1:
        own = cohorts.enrolments_of(person_id=next(iter(person_ids)), organisation_id=organisation_id)
        found = sorted((place for place in own if place.cohort_id == cohort_id), key=lambda place: place.from_at)
    else:
        found = cohorts.history(organisation_id=organisation_id, cohort_id=cohort_id)
    for place in found:
        if person_ids is None or place.person_id in person_ids:
            places[place.person_id].append(place)
    return {person_id: Account(organisation_id, cohort_id, person_id, tuple(own)) for person_id, own in places.items()}


def get_account(
    *,
    organisation_id: int,
    enrolment_id: int | None = None,
    cohort_id: int | None = None,
    person_id: int | None = None,
) -> Account:
    """Return the account of an enrolment, or of a person in a cohort; NotFound behind the tenant wall."""
    if enrolment_id is not None:
        place = cohorts.get_enrolment(organisation_id=organisation_id, enrolment_id=enrolment_id)
        cohort_id, person_id = place.cohort_id, place.person_id
    if cohort_id is None or person_id is None:
        message = "name an enrolment, or a cohort and a person"
        raise TypeError(message)
    accounts = find_accounts(organisation_id=organisation_id, cohort_id=cohort_id, person_ids=[person_id])
    if person_id not in accounts:
        raise NotFound(NO_ACCOUNT)
    return accounts[person_id]


def read_frame(*, organisation_id: int, cohort_id: int) -> Frame:
    """Return what all accounts of a cohort share."""
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    sessions = cohorts.list_sessions(organisation_id=organisation_id, cohort_id=cohort_id)
    course = courses.get_course(organisation_id=organisation_id, course_id=cohort.course_id)
    lessons = courses.lessons_of_items(codes=[item.code for item in course.items])
    return Frame(
        cohort=cohort,
        policy=get_policy(organisation_id=organisation_id, cohort_id=cohort_id),
        sessions={session.id: session for session in sessions if not session.cancelled},
        items={item.code: item.title for item in course.items},
        lessons={lesson.code: lesson for group in lessons.values() for lesson in group},
    )


def gather(frame: Frame, accounts: Iterable[Account], *, at: datetime) -> list[Gathered]:
    """Return the evidence of accounts as it stood at a moment."""
    accounts = list(accounts)
    enrolments = [enrolment_id for account in accounts for enrolment_id in account.enrolment_ids]
    signs = {enrolment_id: Signs() for enrolment_id in enrolments}
    organisation_id = frame.cohort.organisation_id
    _read_acts(signs, organisation_id, frame, at=at)
    _read_study(signs, organisation_id, at=at)
    _read_prompts(signs, organisation_id, at=at)
    lessons = _plans(frame, signs.values())
    return [_gathered(frame, account, signs, lessons) for account in accounts]


def _gathered(frame: Frame, account: Account, signs: dict[int, Signs], lessons: dict[str, int]) -> Gathered:
    own = [signs[enrolment_id] for enrolment_id in account.enrolment_ids]
    acts = tuple(act for sign in own for act in sign.acts)
    beats = tuple(beat for sign in own for beat in sign.beats)
    spans = tuple(span for sign in own for span in sign.spans)
    attended = {act.class_session for act in acts}
    studied = {beat.lesson for beat in beats} | {span.lesson for span in spans}
    plans = (
        rules.ClassSessionPlan(str(session.id), session.starts_at, session.ends_at)
        for session in frame.sessions.values()
        if str(session.id) in attended
    )
    evidence = Evidence(
        policy=frame.policy.policy(SHANGHAI),
        sessions=tuple(plans),
        presence=acts,
        lessons=tuple(rules.LessonPlan(code, lessons.get(code, 0)) for code in sorted(studied)),
        heartbeats=beats,
        prompts=tuple(prompt for sign in own for prompt in sign.prompts),
        spans=spans,
    )
    due = [sign.due_at for sign in own if sign.due_at is not None]
    return Gathered(account, evidence, min(due, default=None))


def _plans(frame: Frame, signs: Iterable[Signs]) -> dict[str, int]:
    """Return the nominal seconds of every lesson studied; of those that left the course since, what they counted."""
    studied: set[str] = set()
    for own in signs:
        studied |= {beat.lesson for beat in own.beats} | {span.lesson for span in own.spans}
    missing = studied - frame.lessons.keys()
    elsewhere = courses.lesson_plans(codes=sorted(missing)) if missing else {}
    return frame.nominal_seconds | elsewhere


def _read_acts(signs: dict[int, Signs], organisation_id: int, frame: Frame, *, at: datetime) -> None:
    """Read the acts in force: the learner's own, and those of the newest roll call of each class."""
    newest = {
        (row.enrolment_id, row.class_session_id): row.sequence
        for row in db.session.execute(
            select(
                RollCallMark.enrolment_id,
                RollCallMark.class_session_id,
                func.max(RollCallMark.sequence).label("sequence"),
            )
            .where(
                RollCallMark.organisation_id == organisation_id,
                RollCallMark.enrolment_id.in_(signs),
                RollCallMark.at <= at,
            )
            .group_by(RollCallMark.enrolment_id, RollCallMark.class_session_id)
        )
    }
    statement = select(
        PresenceAct.enrolment_id,
        PresenceAct.class_session_id,
        PresenceAct.act,
        PresenceAct.at,
        PresenceAct.witness,
        PresenceAct.mark_sequence,
    ).where(
        PresenceAct.organisation_id == organisation_id,
        PresenceAct.enrolment_id.in_(signs),
        PresenceAct.recorded_at <= at,
    )
    for enrolment_id, session_id, act, moment, witness, mark in db.session.execute(statement):
        if session_id not in frame.sessions or (mark is not None and newest[enrolment_id, session_id] != mark):
            continue
        if moment > at:
            signs[enrolment_id].comes_due(moment)
        else:
            found = rules.PresenceAct(str(session_id), Act(act), moment, Witness(witness))
            signs[enrolment_id].acts.append(found)


def _read_study(signs: dict[int, Signs], organisation_id: int, *, at: datetime) -> None:
    """Read the spans that beats were joined to and the beats after them; before a settlement, all beats one by one."""
    settled = and_(Settlement.enrolment_id == StudySpan.enrolment_id, Settlement.settled_at <= at)
    spans = (
        select(StudySpan.enrolment_id, StudySpan.lesson_code, StudySpan.first_at, StudySpan.last_at, StudySpan.device)
        .join(Settlement, settled)
        .where(StudySpan.organisation_id == organisation_id, StudySpan.enrolment_id.in_(signs))
    )
    for enrolment_id, lesson, first_at, last_at, device in db.session.execute(spans):
        signs[enrolment_id].spans.append(rules.StudySpan(lesson, first_at, last_at, device))
    joined = func.coalesce(case((Settlement.settled_at <= at, Settlement.beats_sequence), else_=0), 0)
    beats = (
        select(Heartbeat.enrolment_id, Heartbeat.lesson_code, Heartbeat.at, Heartbeat.device)
        .outerjoin(Settlement, Settlement.enrolment_id == Heartbeat.enrolment_id)
        .where(
            Heartbeat.organisation_id == organisation_id,
            Heartbeat.stream.in_([evidence_stream(enrolment_id) for enrolment_id in signs]),
            Heartbeat.sequence > joined,
            Heartbeat.at <= at,
        )
    )
    for enrolment_id, lesson, moment, device in db.session.execute(beats):
        signs[enrolment_id].beats.append(rules.Heartbeat(lesson, moment, device))


def _read_prompts(signs: dict[int, Signs], organisation_id: int, *, at: datetime) -> None:
    """Read the prompts; one that still waits for its answer does not count against the learner yet."""
    statement = (
        select(
            Prompt.enrolment_id,
            Prompt.number,
            Prompt.kind,
            Prompt.lesson_code,
            Prompt.device,
            Prompt.at,
            Prompt.expires_at,
        )
        .where(Prompt.organisation_id == organisation_id, Prompt.enrolment_id.in_(signs), Prompt.at <= at)
        .order_by(Prompt.id)
    )
    rows = db.session.execute(statement).all()
    answers = {(row.enrolment_id, row.number): row.at for row in rows if row.kind == "answered"}
    for row in rows:
        if row.kind != "asked":
            continue
        own = signs[row.enrolment_id]
        own.beats.append(rules.Heartbeat(row.lesson_code, row.at, row.device))
        answered_at = answers.get((row.enrolment_id, row.number))
        if answered_at is None and at <= row.expires_at:
            own.comes_due(row.expires_at)
        else:
            own.prompts.append(rules.Prompt(row.at, answered_at))
