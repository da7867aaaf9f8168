"""What marks, grades, reasons and sources are called on every page."""

from lms.attendance.rules.evidence import EvidenceGrade, Reason, Source
from lms.attendance.rules.presence import Mark
from lms.attendance.rules.settling import REGRADED, WITHDRAWN

SOURCE_TITLES = {Source.ONSITE: "面授", Source.ONLINE: "线上"}

GRADE_TITLES = {EvidenceGrade.A: "甲", EvidenceGrade.B: "乙", EvidenceGrade.C: "丙"}
GRADE_MEANINGS = {
    EvidenceGrade.A: "本人扫码（或输码）签到，并有老师点名",
    EvidenceGrade.B: "只有一方证明：本人签到、老师点名，或线上学习中确认过在场",
    EvidenceGrade.C: "没有当场证明：线上学习未经确认，或事后人工登记",
}

MARK_TITLES = {
    Mark.PRESENT: "到",
    Mark.LATE: "迟到",
    Mark.EARLY: "早退",
    Mark.LEAVE: "请假",
    Mark.ABSENT: "缺勤",
}

# why time is not credited, and what to do about it
REASON_TITLES = {
    Reason.NO_CHECK_OUT: "有签到，没有签退",
    Reason.MISSED_PROMPT: "没有及时确认“您还在学习吗”",
    Reason.OVERLAP: "同一时间已记入别的课",
    Reason.LESSON_CAP: "本课计时已满",
    Reason.DAILY_CAP: "当天学时已满",
}
REASON_ADVICE = {
    Reason.NO_CHECK_OUT: "请在 24 小时内找讲师点名确认；以后下课请记得签退。",
    Reason.MISSED_PROMPT: "提示出现后请在 1 分钟内点一下；没点的，从上次确认起不计。",
    Reason.OVERLAP: "同一时间只计一次，不用处理。",
    Reason.LESSON_CAP: "每课最多计它的建议时长，请学下一课。",
    Reason.DAILY_CAP: "每天计入的学时有上限，请改天再学。",
}

REVERSAL_TITLES = {
    REGRADED: "证据等级有变，按新等级重记",
    WITHDRAWN: "点名已更正，原记录不再成立",
    **{reason.value: title for reason, title in REASON_TITLES.items()},
}
