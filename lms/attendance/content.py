"""Reads evidence files (contract A) into the records of the crediting rule, or says what is wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lms.attendance.rules import (
    Act,
    ClassSessionPlan,
    Evidence,
    Heartbeat,
    LessonPlan,
    Policy,
    PresenceAct,
    Prompt,
    Witness,
    credit,
    to_json,
    whole_second,
)
from lms.core.errors import Invalid

_Row = Mapping[str, object]
_Record = TypeVar("_Record")
_Choice = TypeVar("_Choice", bound=StrEnum)

_FIELDS = {
    "policy": frozenset({
        "credit_hour_seconds",
        "daily_cap_credit_hours",
        "heartbeat_gap_seconds",
        "prompt_window_seconds",
        "timezone",
    }),
    "sessions": frozenset({"id", "starts_at", "ends_at"}),
    "presence": frozenset({"session", "act", "at", "witness"}),
    "lessons": frozenset({"id", "nominal_seconds"}),
    "heartbeats": frozenset({"lesson", "at", "device"}),
    "prompts": frozenset({"at", "answered_at"}),
}  # fmt: skip
_MOST_PROBLEMS = 20
_LARGEST = 10**15
# Local time must exist on both sides of UTC.
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


class UnusableEvidence(Invalid):
    """The file cannot be credited; one line per problem, each naming file, entry and field."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """What a file holds, and the names of fields in it that nobody reads, such as `heartbeats[].note`."""

    evidence: Evidence
    ignored: tuple[str, ...]


class _Fault(Exception):
    """What is wrong with one field of one entry."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def run_contract_a(text: str, filename: str) -> dict[str, object]:
    """The answer of contract A to the text of an evidence file; raises UnusableEvidence."""
    return to_json(credit(read_evidence(text, filename).evidence))


def read_evidence(text: str, filename: str) -> EvidenceFile:
    """Read and check the text of an evidence file; raises UnusableEvidence with every problem found.

    `policy` and its fields are required. A list that is absent is empty, and a prompt without
    `answered_at` was not answered.
    """
    return _Reading(filename, _parsed(text, filename)).finish()


def _parsed(text: str, filename: str) -> _Row:
    try:
        document = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_twins,
        )
    except json.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        message = f"{filename}：不是有效的 JSON，{where}无法解析，请检查引号、逗号和括号。"
        raise UnusableEvidence(message) from error
    except _Fault as fault:
        raise UnusableEvidence(f"{filename}：字段 {fault.name}：{fault.message}") from fault
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnusableEvidence(f"{filename}：数字过长或嵌套过深，无法读取，请检查文件内容。") from error
    if not isinstance(document, dict):
        raise UnusableEvidence(f"{filename}：最外层必须是 JSON 对象（以“{{”开头）。")
    return document


def _refuse_constant(name: str) -> float:
    raise _Fault(name, "不是 JSON 允许的数字。")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise _Fault(twin, "在同一个对象里出现了两次，请只保留一个。")
    return row


class _Reading:
    """One pass over a document that collects every problem before it gives up."""

    def __init__(self, filename: str, document: _Row) -> None:
        self._filename = filename
        self._document = document
        self._problems: list[str] = []
        self._ignored: dict[str, None] = dict.fromkeys(name for name in document if name not in _FIELDS)

    def finish(self) -> EvidenceFile:
        policy = self._policy()
        planned = {name: self._ids(name) for name in ("sessions", "lessons")}
        sessions = self._list("sessions", _session)
        presence = self._list("presence", lambda row: _presence(row, planned["sessions"]))
        lessons = self._list("lessons", _lesson)
        heartbeats = self._list("heartbeats", lambda row: _heartbeat(row, planned["lessons"]))
        prompts = self._list("prompts", _prompt)
        if policy is None or self._problems:
            raise UnusableEvidence(self._refusal())
        return EvidenceFile(Evidence(policy, sessions, presence, lessons, heartbeats, prompts), tuple(self._ignored))

    def _policy(self) -> Policy | None:
        row = self._document.get("policy")
        if not isinstance(row, dict):
            self._complain("policy", "缺少或不是 JSON 对象，请写明学时规则。")
            return None
        self._note_ignored("policy", row)
        try:
            return _policy(row)
        except _Fault as fault:
            self._complain(f"policy 字段 {fault.name}", fault.message)
            return None

    def _list(self, name: str, read: Callable[[_Row], _Record]) -> tuple[_Record, ...]:
        records: list[_Record] = []
        ids: set[object] = set()
        for position, row in enumerate(self._rows(name)):
            where = f"{name} 第 {position + 1} 条（{name}[{position}]）"
            if not isinstance(row, dict):
                self._complain(where, "不是 JSON 对象，请用花括号写出各字段。")
                continue
            self._note_ignored(name, row)
            try:
                records.append(read(row))
                if "id" in _FIELDS[name]:
                    _once(row["id"], ids)
            except _Fault as fault:
                self._complain(f"{where}字段 {fault.name}", fault.message)
        return tuple(records)

    def _rows(self, name: str) -> list[object]:
        rows = self._document.get(name, [])
        if isinstance(rows, list):
            return rows
        self._complain(name, "不是列表，请用方括号列出各条；没有内容时写 []。")
        return []

    def _ids(self, name: str) -> frozenset[str]:
        """The ids as written, also of entries with faults elsewhere, so that one fault is told once."""
        rows = self._document.get(name)
        ids = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return frozenset(ref for ref in ids if isinstance(ref, str))

    def _note_ignored(self, name: str, row: _Row) -> None:
        if not row.keys() <= _FIELDS[name]:
            brackets = "" if name == "policy" else "[]"
            unread = (f"{name}{brackets}.{field}" for field in row if field not in _FIELDS[name])
            self._ignored.update(dict.fromkeys(unread))

    def _complain(self, where: str, message: str) -> None:
        self._problems.append(f"{self._filename}：{where}：{message}")

    def _refusal(self) -> str:
        shown = self._problems[:_MOST_PROBLEMS]
        if len(self._problems) > len(shown):
            more = len(self._problems) - len(shown)
            shown.append(f"{self._filename}：另有 {more} 处问题，请先改好以上各处再试。")
        return "\n".join(shown)


def _policy(row: _Row) -> Policy:
    return Policy(
        credit_hour_seconds=_whole(row, "credit_hour_seconds", least=1),
        daily_cap_credit_hours=_cap(row, "daily_cap_credit_hours"),
        heartbeat_gap_seconds=_whole(row, "heartbeat_gap_seconds", least=0),
        prompt_window_seconds=_whole(row, "prompt_window_seconds", least=0),
        timezone=_timezone(row, "timezone"),
    )


def _session(row: _Row) -> ClassSessionPlan:
    ref, starts_at, ends_at = _text(row, "id"), _instant(row, "starts_at"), _instant(row, "ends_at")
    if whole_second(ends_at) <= whole_second(starts_at):
        raise _Fault("ends_at", "必须晚于 starts_at，请核对课次的起止时间。")
    return ClassSessionPlan(ref, starts_at, ends_at)


def _presence(row: _Row, sessions: frozenset[str]) -> PresenceAct:
    return PresenceAct(
        class_session=_planned(row, "session", sessions, "sessions"),
        act=_choice(row, "act", Act),
        at=_instant(row, "at"),
        witness=_choice(row, "witness", Witness),
    )


def _lesson(row: _Row) -> LessonPlan:
    return LessonPlan(_text(row, "id"), _whole(row, "nominal_seconds", least=0))


def _heartbeat(row: _Row, lessons: frozenset[str]) -> Heartbeat:
    lesson = _planned(row, "lesson", lessons, "lessons")
    return Heartbeat(lesson, _instant(row, "at"), _text(row, "device"))


def _prompt(row: _Row) -> Prompt:
    at = _instant(row, "at")
    if row.get("answered_at") is None:
        return Prompt(at)
    answered_at = _instant(row, "answered_at")
    if whole_second(answered_at) < whole_second(at):
        raise _Fault("answered_at", "早于 at，回答不能先于提问，请核对。")
    return Prompt(at, answered_at)


def _required(row: _Row, name: str) -> object:
    value = row.get(name)
    if value is None:
        raise _Fault(name, "缺少，请补上。")
    return value


def _text(row: _Row, name: str) -> str:
    value = _required(row, name)
    if not isinstance(value, str) or not value.strip():
        raise _Fault(name, "必须是不为空的文字（加双引号）。")
    if not value.isprintable():  # line breaks, terminal sequences, halves of characters
        raise _Fault(name, "含有无法显示的字符，请改用普通文字。")
    return value


def _instant(row: _Row, name: str) -> datetime:
    value = _required(row, name)
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise _Fault(name, "必须是带时区的时刻，例如 2026-03-02T08:30:00+08:00。")
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise _Fault(name, f"年份必须在 {_FIRST_YEAR} 到 {_LAST_YEAR} 之间，请核对。")
    return instant


def _whole(row: _Row, name: str, *, least: int) -> int:
    value = _required(row, name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise _Fault(name, f"必须是不小于 {least} 的整数（秒）。")
    return value


def _cap(row: _Row, name: str) -> int | Decimal:
    value = _required(row, name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= _LARGEST:
        raise _Fault(name, "必须是不小于 0 的数字（学时），例如 8 或 7.5。")
    return value


def _timezone(row: _Row, name: str) -> ZoneInfo:
    value = _text(row, name)
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Fault(name, f"没有名为“{value}”的时区，例如 Asia/Shanghai。") from error


def _choice(row: _Row, name: str, choices: type[_Choice]) -> _Choice:
    value = _text(row, name)
    try:
        return choices(value)
    except ValueError as error:
        words = "、".join(choices)
        raise _Fault(name, f"“{value}”不可用，只能是 {words} 之一。") from error


def _planned(row: _Row, name: str, planned: frozenset[str], where: str) -> str:
    value = _text(row, name)
    if value not in planned:
        raise _Fault(name, f"“{value}”不在 {where} 中，请补上或改正编号。")
    return value


def _once(ref: object, seen: set[object]) -> None:
    if ref in seen:
        raise _Fault("id", f"“{ref}”出现了两次，请只保留一条。")
    seen.add(ref)
