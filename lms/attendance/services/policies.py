"""How a cohort counts: its own numbers, or the defaults."""

from dataclasses import asdict
from datetime import datetime

from lms.attendance.models import Policy
from lms.attendance.rules.policy import DEFAULT, PolicyData, policy_fault
from lms.cohorts import services as cohorts
from lms.core import audit
from lms.core.db import db, owned
from lms.core.errors import Conflict, Invalid


def get_policy(*, organisation_id: int, cohort_id: int) -> PolicyData:
    """Return the numbers of a cohort that was reached through the tenant wall."""
    row = db.session.scalars(owned(Policy, organisation_id).where(Policy.cohort_id == cohort_id)).one_or_none()
    if row is None:
        return DEFAULT
    return PolicyData(**{name: getattr(row, name) for name in PolicyData.__dataclass_fields__})


def set_policy(*, organisation_id: int, cohort_id: int, policy: PolicyData, at: datetime, actor_id: int) -> None:
    """Give a draft cohort its own numbers; once it is open they are what its learners were told."""
    cohort = cohorts.get_cohort(organisation_id=organisation_id, cohort_id=cohort_id)
    if cohort.status != "draft":
        raise Conflict("班期已开班，计时规则不能再改；学员已按现有规则计时。")
    if fault := policy_fault(policy):
        field, message = fault
        raise Invalid(message, field=field)
    row = db.session.get(Policy, cohort_id)
    if row is None:
        row = Policy(cohort_id=cohort_id, organisation_id=organisation_id)
        db.session.add(row)
    for name, value in asdict(policy).items():
        setattr(row, name, value)
    row.updated_at, row.updated_by = at, actor_id
    db.session.flush()
    audit.record(
        at=at,
        action="attendance.set_policy",
        subject=f"cohorts_cohort:{cohort_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        **asdict(policy),
    )
