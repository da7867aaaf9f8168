"""The files of the roster import: the template, the judged lines, the cohort's own roster."""

from collections.abc import Sequence
from datetime import datetime

from lms.accounts import services as accounts
from lms.cohorts.content.workbooks import Sheet, write_workbook
from lms.cohorts.rules.roster import MAX_LINES, SYNONYMS, RosterField
from lms.cohorts.services.enrolments import learners
from lms.cohorts.services.roster_checks import BAD, RosterRow

_WIDTHS = {RosterField.NAME: 14, RosterField.ID_NUMBER: 24, RosterField.PHONE: 16, RosterField.EMPLOYER: 36}
_COLUMNS = [(which.label, _WIDTHS[which]) for which in RosterField]
_NOTES = (
    "从第 2 行起，每行填一名学员；姓名和身份证号必填，手机号用来登录，建议填写。",
    "各列已设为“文本”格式。从别处粘贴时请选“只粘贴值”，否则身份证号会变成 4.2E+17 这样的数字，后几位丢失。",
    "用自己的表也可以：列名写成下面任意一种都认得，多余的列会被忽略，表头上面可以有标题。",
    *(f"{which.label}：{'、'.join(word for word in SYNONYMS[which] if not word.isascii())}" for which in RosterField),
    f"一个文件最多 {MAX_LINES} 人。上传后先核对，点最后的按钮之前不会保存任何内容。",
)


def roster_template() -> bytes:
    """Return an empty roster to fill in, with a sheet that explains it."""
    notes = Sheet("填写说明", [("说明", 110)], [[note] for note in _NOTES])
    return write_workbook([Sheet("学员名册", _COLUMNS), notes])


def roster_result(*, rows: Sequence[RosterRow]) -> bytes:
    """Return judged lines with their line number in the uploaded file and a result column; bad ones in red."""
    return write_workbook(
        [
            Sheet(
                "核对结果",
                [*_COLUMNS, ("原文件行号", 12), ("结果", 70)],
                [[row.name, row.id_number, row.phone, row.employer, str(row.number), row.verdict] for row in rows],
                frozenset(number for number, row in enumerate(rows) if row.state == BAD),
            )
        ]
    )


def export_roster(*, organisation_id: int, cohort_id: int, at: datetime, actor_id: int) -> bytes:
    """Return the present learners with their numbers in full, in a form that imports as no change; logged."""
    places = learners(organisation_id=organisation_id, cohort_id=cohort_id)
    numbers = accounts.reveal_roster(
        organisation_id=organisation_id,
        person_ids=[place.person_id for place in places],
        reason=f"导出班期 {cohort_id} 的名册",
        at=at,
        actor_id=actor_id,
    )
    rows = [
        [person.name, person.id_number, person.phone, place.employer_name]
        for place in places
        if (person := numbers.get(place.person_id)) is not None
    ]
    return write_workbook([Sheet("学员名册", _COLUMNS, rows)])
