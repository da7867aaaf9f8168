"""What question reports (纠错) add to pages: the button under an explanation, the queue's tab and card, 我的纠错."""

from typing import Any

from flask import g, render_template, request

from lms.quizzes import services
from lms.quizzes.rules.kinds import ReportStatus
from lms.web.access import Actor, find_actor


def report_button(*, version_id: int, actor: Actor, **_: Any) -> str:
    """Under an explanation: 纠错, or that the learner has sent it already; one statement however many questions."""
    if not actor.can("quizzes.take"):
        return ""
    if "quizzes_reported" not in g:
        g.quizzes_reported = services.reported_versions(
            organisation_id=actor.organisation_id, person_id=actor.person_id
        )
    return render_template(
        "quizzes/_report_button.html", version_id=version_id, sent=version_id in g.quizzes_reported, back=_here()
    )


def _here() -> str:
    """Return the page the reader is on; an answer posted in practice comes back as the screen of its question."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    sent = request.get_json(silent=True)
    position = sent.get("position") if isinstance(sent, dict) else None
    return f"{request.path.rpartition('/')[0]}?q={position}"


def reports_tab(*, here: str = "", **_: Any) -> str:
    """Among the tabs of 课程与题库: the queue, for those who answer it."""
    actor = find_actor()
    return render_template("quizzes/_report_tab.html", here=here) if actor and actor.can("quizzes.reports") else ""


def reports_card(*, actor: Actor, **_: Any) -> str:
    """On the staff's home: how many reports wait."""
    if not actor.can("quizzes.reports"):
        return ""
    waiting = services.count_open_reports(organisation_id=actor.organisation_id)
    return render_template("quizzes/_report_card.html", waiting=waiting) if waiting else ""


def answered_card(*, actor: Actor, **_: Any) -> str:
    """On the learner's home: that a teacher has answered a report, until they have opened it."""
    if not actor.can("quizzes.take"):
        return ""
    unread = services.count_unread_answers(organisation_id=actor.organisation_id, person_id=actor.person_id)
    return render_template("quizzes/_report_answered.html", unread=unread) if unread else ""


def own_reports(*, actor: Actor, **_: Any) -> str:
    """On 我的: the way to one's own reports, once there is one."""
    if not actor.can("quizzes.take"):
        return ""
    counts = services.count_own_reports(organisation_id=actor.organisation_id, person_id=actor.person_id)
    waiting = counts.get(ReportStatus.OPEN, 0)
    answered = sum(counts.values()) - waiting
    return render_template("quizzes/_report_mine.html", waiting=waiting, answered=answered) if counts else ""
