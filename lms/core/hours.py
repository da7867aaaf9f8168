"""The unit that teaching is counted in: one 学时 is 45 minutes of the clock, computed and never stored."""

CREDIT_HOUR_SECONDS = 2700


def credit_hours(seconds: int, *, unit: int = CREDIT_HOUR_SECONDS) -> str:
    """Return seconds as 学时, rounded down to one decimal, as text such as "2.0"."""
    tenths = seconds * 10 // unit
    return f"{tenths // 10}.{tenths % 10}"


def duration(seconds: int) -> str:
    """Return seconds as people read them: "2 小时 15 分", "45 分", "30 秒", "0 分钟"."""
    hours, rest = divmod(max(seconds, 0), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    if minutes:
        return f"{minutes} 分"
    return f"{left} 秒" if left else "0 分钟"
