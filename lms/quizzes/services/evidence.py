"""Checking that answers stand as they came in."""

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import select

from lms.core.audit import AuditEntry
from lms.core.chain import Fault, Verdict
from lms.core.db import db
from lms.quizzes.models import AnswerStep
from lms.quizzes.services.saving import link_step


def verify_answers() -> Verdict:
    """Walk the steps of every attempt and name the first that was changed, dropped or reordered.

    The end of a paper that was handed in is known from the audit log, which is a chain of its own.
    """
    checked = 0
    reached: dict[int, tuple[int, bytes | None]] = {}
    statement = select(AnswerStep).order_by(AnswerStep.attempt_id, AnswerStep.number)
    with closing(db.session.scalars(statement.execution_options(yield_per=2000))) as steps:
        for step in steps:
            checked += 1
            number, previous = reached.get(step.attempt_id, (0, None))
            stream = f"attempt-{step.attempt_id}"
            if step.number != number + 1:
                return Verdict(checked, Fault(stream, number + 1, "缺少这一条记录"))
            values = {
                "position": step.position,
                "client_sequence": step.client_sequence,
                "answer": step.answer,
                "answered": step.answered,
                "saved_at": step.saved_at,
            }
            expected = link_step(previous, step.attempt_id, step.number, values)
            if expected != bytes(step.hash):
                return Verdict(checked, Fault(stream, step.number, "内容与指纹不符，记录被改动过"))
            reached[step.attempt_id] = (step.number, expected)
    return Verdict(checked, next(_cut_ends(reached), None))


def _cut_ends(reached: dict[int, tuple[int, bytes | None]]) -> Iterator[Fault]:
    statement = select(AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == "quizzes.handed_in")
    for subject, detail in db.session.execute(statement):
        attempt_id = int(subject.partition(":")[2])
        number, digest = reached.get(attempt_id, (0, None))
        if (number, digest.hex() if digest else "") != (detail["steps"], detail["digest"]):
            yield Fault(f"attempt-{attempt_id}", number, "与交卷时留下的指纹不符")
