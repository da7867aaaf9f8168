"""What a record says: every fact that is printed or shown, frozen when it is issued."""

from datetime import datetime
from typing import Any

from lms.accounts.services import OrganisationView, PersonView
from lms.cohorts import services as cohorts
from lms.cohorts.services import CohortView
from lms.completion.services.standing import Standing
from lms.core import clock
from lms.core.hours import credit_hours, duration
from lms.courses.services import CourseView

SCHEMA = 1
Facts = dict[str, Any]


def facts_of(
    *, cohort: CohortView, course: CourseView, issuer: OrganisationView, person: PersonView, standing: Standing
) -> Facts:
    """Return what the record says of a learner, all but its number and its date."""
    return {
        "issuer": {"name": issuer.name, "uscc": issuer.uscc or ""},
        "holder": {
            "name": person.name,
            "masked_name": person.masked_name,
            "id_masked": person.masked_id_number or "未登记",
        },
        "course": {"name": course.name, "items": [{"code": item.code, "title": item.title} for item in course.items]},
        "cohort": _cohort(cohort),
        "hours": _hours(cohort, standing),
        "result": _result(standing),
    }


def freeze(facts: Facts, *, number: str, base_url: str, at: datetime) -> Facts:
    """Return the payload: the facts with number, address of the check, and the moment they held."""
    return {
        "schema": SCHEMA,
        "number": number,
        **facts,
        "issued_on": clock.local_date(at).isoformat(),
        "issued_at": at.isoformat(timespec="seconds"),
        "verify_url": f"{base_url}/verify/{number}",
    }


def still_holds(payload: Facts, facts: Facts) -> bool:
    """Whether a payload made a moment ago says what is true now.

    Minutes studied online meanwhile do not make it wrong (it names its moment); anything else does.
    """
    printed, now = payload["hours"], facts["hours"]
    return (
        all(payload[part] == facts[part] for part in ("issuer", "holder", "course", "cohort"))
        and all(printed[name] == now[name] for name in ("planned_seconds", "onsite_seconds"))
        and printed["online_seconds"] <= now["online_seconds"]
        and all(payload["result"][name] == facts["result"][name] for name in ("final_score", "final_pass_mark"))
    )


def _cohort(cohort: CohortView) -> Facts:
    return {
        "name": cohort.name,
        "mode": cohort.mode,
        "mode_text": cohorts.MODE_TITLES[cohort.mode],
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "place": cohort.place,
        "target_level": cohort.target_level,
        "target_text": f"劳动关系协调师{cohorts.LEVEL_TITLES.get(cohort.target_level, '')}",
    }


def _hours(cohort: CohortView, standing: Standing) -> Facts:
    """Return each length in seconds and in both readings, 学时 and clock time."""
    lengths = {
        "planned": cohort.planned_seconds,
        "attended": standing.hours.total_seconds,
        "onsite": standing.hours.onsite_seconds,
        "online": standing.hours.online_seconds,
    }
    return (
        {f"{name}_seconds": seconds for name, seconds in lengths.items()}
        | {f"{name}_credit_hours": credit_hours(seconds) for name, seconds in lengths.items()}
        | {f"{name}_clock": duration(seconds) for name, seconds in lengths.items()}
    )


def _result(standing: Standing) -> Facts:
    score, mark = standing.final_score, standing.final_pass_mark
    return {
        "final_score": score,
        "final_pass_mark": mark,
        "final_text": "未设置" if score is None else f"{score} 分（合格线 {mark} 分）",
        "rules": [{"title": rule.title, "now": rule.now_text, "needed": rule.needed_text} for rule in standing.rules],
    }
