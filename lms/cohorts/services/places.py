"""The places a person studies in now, as a statement that plugins above join to their own tables.

For paths that are run every few seconds, where asking the door first and the own tables second would be one statement
too many.
"""

from datetime import datetime

from sqlalchemy import Select, bindparam, or_, select

from lms.cohorts.models import Cohort, Enrolment
from lms.core.db import UtcDateTime


def current_places_query() -> Select[int, int, int, datetime]:
    """Select enrolment id, cohort id, course id and begin of a person's places in open cohorts.

    Bind `person_id`, `organisation_id` (the tenant wall) and `at`.
    """
    at = bindparam("at", type_=UtcDateTime)
    return (
        select(Enrolment.id, Enrolment.cohort_id, Cohort.course_id, Enrolment.from_at)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Enrolment.person_id == bindparam("person_id"),
            Enrolment.organisation_id == bindparam("organisation_id"),
            Cohort.status == "open",
            Enrolment.from_at <= at,
            or_(Enrolment.until_at.is_(None), Enrolment.until_at > at),
        )
    )
