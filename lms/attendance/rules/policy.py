"""The numbers that hours are counted by where a cohort has not set its own."""

from dataclasses import dataclass
from datetime import tzinfo

from lms.attendance.rules.evidence import Policy
from lms.core.hours import CREDIT_HOUR_SECONDS

LARGEST_DAILY_CAP = 16
GAP_RANGE = (30, 600)
PROMPT_WINDOW_RANGE = (30, 600)


@dataclass(frozen=True, slots=True)
class PolicyData:
    """A cohort's numbers: 学时 a day at most, seconds between beats that still join, seconds to answer a prompt."""

    credit_hour_seconds: int = CREDIT_HOUR_SECONDS
    daily_cap_credit_hours: int = 8
    heartbeat_gap_seconds: int = 90
    prompt_window_seconds: int = 60

    def policy(self, timezone: tzinfo) -> Policy:
        """Return the policy that the crediting rule reads."""
        return Policy(
            credit_hour_seconds=self.credit_hour_seconds,
            daily_cap_credit_hours=self.daily_cap_credit_hours,
            heartbeat_gap_seconds=self.heartbeat_gap_seconds,
            prompt_window_seconds=self.prompt_window_seconds,
            timezone=timezone,
        )


DEFAULT = PolicyData()


def policy_fault(data: PolicyData) -> tuple[str, str] | None:
    """Return the field and the Chinese reason why numbers cannot be used, None when they can."""
    if data.credit_hour_seconds != CREDIT_HOUR_SECONDS:
        return "credit_hour_seconds", "1 学时固定为 45 分钟。"
    if not 1 <= data.daily_cap_credit_hours <= LARGEST_DAILY_CAP:
        return "daily_cap_credit_hours", f"每天最多计入的学时应在 1 到 {LARGEST_DAILY_CAP} 之间。"
    low, high = GAP_RANGE
    if not low <= data.heartbeat_gap_seconds <= high:
        return "heartbeat_gap_seconds", f"计时间隔应在 {low} 到 {high} 秒之间。"
    low, high = PROMPT_WINDOW_RANGE
    if not low <= data.prompt_window_seconds <= high:
        return "prompt_window_seconds", f"在线确认的时限应在 {low} 到 {high} 秒之间。"
    return None
