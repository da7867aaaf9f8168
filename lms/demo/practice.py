"""A learner of the demo who has begun to practise and has found something to report."""

from datetime import datetime
from typing import Any

from lms.quizzes import services as quizzes

ITEM = "2.4"
ANSWERED = 6
WORDS = "题目里时间和单位连在一起，手机上第一遍没看明白，能不能分成两句写？"


def practise_and_report(owner: int, person_id: int, *, item_code: str = ITEM, at: datetime) -> None:
    """Answer the first questions of an item, report the last of them."""
    who: dict[str, Any] = {"organisation_id": owner, "person_id": person_id}
    run_id = quizzes.begin_practice(**who, item_code=item_code, at=at, seed=1)
    for position in range(1, ANSWERED + 1):
        asked = quizzes.get_practice_question(**who, run_id=run_id, position=position).asked
        given = [0] if asked is not None and asked.options else None
        quizzes.answer_practice(**who, run_id=run_id, position=position, given=given, give_up=True, at=at)
    seen = quizzes.get_practice_question(**who, run_id=run_id, position=ANSWERED)
    quizzes.report_question(**who, version_id=seen.version_id, kind="unclear", text=WORDS, at=at)
