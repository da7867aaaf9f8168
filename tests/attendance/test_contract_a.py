"""Contract A from outside: what `lms attendance credit` reads, answers and refuses."""

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lms.attendance.cli_credit import credit_command
from lms.attendance.content import UnusableEvidence, read_evidence, run_contract_a

Document = dict[str, Any]

DOCUMENT: Document = {
    "policy": {
        "credit_hour_seconds": 2700,
        "daily_cap_credit_hours": 8,
        "heartbeat_gap_seconds": 90,
        "prompt_window_seconds": 60,
        "timezone": "Asia/Shanghai",
    },
    "sessions": [{"id": "s1", "starts_at": "2026-03-02T08:30:00+08:00", "ends_at": "2026-03-02T10:00:00+08:00"}],
    "presence": [
        {"session": "s1", "act": "check_in", "at": "2026-03-02T08:20:00+08:00", "witness": "learner_qr"},
        {"session": "s1", "act": "check_out", "at": "2026-03-02T10:05:00+08:00", "witness": "instructor"},
    ],
    "lessons": [{"id": "2.4-1", "nominal_seconds": 2700}],
    "heartbeats": [
        {"lesson": "2.4-1", "at": "2026-03-02T09:59:00+08:00", "device": "a"},
        {"lesson": "2.4-1", "at": "2026-03-02T02:00:30Z", "device": "a"},
        {"lesson": "2.4-1", "at": "2026-03-02T20:00:00+08:00", "device": "a"},
    ],
    "prompts": [{"at": "2026-03-02T20:10:00+08:00", "answered_at": "2026-03-02T20:10:30+08:00"}],
}
ANSWER = {
    "entries": [
        {
            "on": "2026-03-02",
            "source": "onsite",
            "ref": "s1",
            "started_at": "2026-03-02T08:30:00+08:00",
            "ended_at": "2026-03-02T10:00:00+08:00",
            "seconds": 5400,
            "grade": "A",
        },
        {
            "on": "2026-03-02",
            "source": "online",
            "ref": "2.4-1",
            "started_at": "2026-03-02T10:00:00+08:00",
            "ended_at": "2026-03-02T10:00:30+08:00",
            "seconds": 30,
            "grade": "C",
        },
    ],
    "not_credited": [
        {
            "on": "2026-03-02",
            "source": "online",
            "ref": "2.4-1",
            "started_at": "2026-03-02T09:59:00+08:00",
            "ended_at": "2026-03-02T10:00:00+08:00",
            "seconds": 60,
            "reason": "overlap",
        }
    ],
    "total_seconds": 5430,
    "credit_hours": "2.0",
}


@pytest.fixture
def document() -> Document:
    return copy.deepcopy(DOCUMENT)


def refusal(document: object) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(UnusableEvidence) as caught:
        run_contract_a(text, "证据.json")
    return caught.value.message


def run(tmp_path: Path, content: str | bytes, *options: str) -> Result:
    path = tmp_path / "evidence.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CliRunner().invoke(credit_command, ["--input", str(path), *options])


# What it answers


def test_the_example_of_the_contract(document: Document) -> None:
    assert run_contract_a(json.dumps(document), "x.json") == ANSWER


def test_absent_lists_are_empty_and_an_absent_answer_is_none(document: Document) -> None:
    policy = document["policy"]
    assert run_contract_a(json.dumps({"policy": policy}), "x.json")["total_seconds"] == 0
    document["prompts"] = [{"at": "2026-03-02T10:00:00+08:00"}]
    (lost,) = read_lost(document)
    assert (lost["reason"], lost["seconds"]) == ("missed_prompt", 90)


def read_lost(document: Document) -> list[Document]:
    lost = run_contract_a(json.dumps(document), "x.json")["not_credited"]
    assert isinstance(lost, list)
    return lost


def test_a_cap_may_have_decimals(document: Document) -> None:
    document["policy"]["daily_cap_credit_hours"] = 0.5
    assert run_contract_a(json.dumps(document), "x.json")["total_seconds"] == 1350


def test_unknown_fields_are_told_not_refused(document: Document) -> None:
    document["note"] = "x"
    document["policy"]["name"] = "x"
    for beat in document["heartbeats"]:
        beat["ip"] = "x"
    file = read_evidence(json.dumps(document), "x.json")
    assert file.ignored == ("note", "policy.name", "heartbeats[].ip")


def test_a_day_of_twenty_thousand_heartbeats_takes_no_second(document: Document) -> None:
    document["heartbeats"] = [
        {
            "lesson": "2.4-1",
            "at": f"2026-03-{2 + n // 5000:02}T{n % 5000 // 240:02}:{n % 240 // 4:02}:{n % 4 * 15:02}+08:00",
            "device": "ab"[n % 2],
        }
        for n in range(20_000)
    ]
    document["prompts"] = [{"at": f"2026-03-02T{hour:02}:30:00+08:00"} for hour in range(24)]
    text = json.dumps(document)
    spent = []
    for _ in range(3):
        began = time.process_time()
        run_contract_a(text, "x.json")
        spent.append(time.process_time() - began)
    assert min(spent) < 1


# What it refuses


def changed(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


def without(*path: str | int) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return change


POLICY_FIELDS = tuple(DOCUMENT["policy"])
WRONG = [
    *[(without("policy", name), f"policy 字段 {name}：缺少") for name in POLICY_FIELDS],
    *[(changed("policy", name, value=-1), f"policy 字段 {name}：") for name in POLICY_FIELDS],
    *[(changed("policy", name, value="8"), f"policy 字段 {name}：") for name in POLICY_FIELDS],
    *[(changed("policy", name, value=True), f"policy 字段 {name}：") for name in POLICY_FIELDS],
    (changed("policy", "credit_hour_seconds", value=0), "policy 字段 credit_hour_seconds："),
    (changed("policy", "credit_hour_seconds", value=2700.5), "policy 字段 credit_hour_seconds："),
    (changed("policy", "timezone", value="Asia/Wuhan"), "“Asia/Wuhan”"),
    (changed("policy", "timezone", value="../etc/passwd"), "policy 字段 timezone："),
    (changed("policy", "timezone", value="Asia"), "policy 字段 timezone："),
    (changed("policy", value=[]), "policy：缺少"),
    (without("policy"), "policy：缺少"),
    (changed("sessions", value={}), "sessions：不是列表"),
    (changed("sessions", value=None), "sessions：不是列表"),
    (changed("sessions", 0, value="s1"), "sessions 第 1 条（sessions[0]）：不是 JSON 对象"),
    (without("sessions", 0, "id"), "sessions 第 1 条（sessions[0]）字段 id：缺少"),
    (changed("sessions", 0, "id", value=1), "sessions[0]）字段 id："),
    (changed("sessions", 0, "id", value=" "), "sessions[0]）字段 id："),
    (changed("sessions", 0, "id", value="s\n1"), "sessions[0]）字段 id："),
    (changed("sessions", 0, "id", value="\ud800"), "sessions[0]）字段 id："),
    (changed("sessions", 0, "ends_at", value="2026-03-02T08:30:00+08:00"), "sessions[0]）字段 ends_at：必须晚于"),
    (changed("sessions", 0, "ends_at", value="2026-03-02T00:30:00.9Z"), "sessions[0]）字段 ends_at：必须晚于"),
    (changed("sessions", 0, "starts_at", value="2026-03-02T08:30:00"), "sessions[0]）字段 starts_at：必须是带时区"),
    (changed("sessions", 0, "starts_at", value="2026-02-30T08:30:00Z"), "sessions[0]）字段 starts_at："),
    (changed("sessions", 0, "starts_at", value="0001-01-01T00:00:00+14:00"), "sessions[0]）字段 starts_at：年份"),
    (changed("sessions", 0, "starts_at", value=1772411400), "sessions[0]）字段 starts_at："),
    (changed("presence", 1, "session", value="s9"), "presence 第 2 条（presence[1]）字段 session：“s9”不在 sessions"),
    (changed("presence", 1, "act", value="leave"), "presence[1]）字段 act：“leave”不可用"),
    (changed("presence", 1, "witness", value="neighbour"), "presence[1]）字段 witness：“neighbour”不可用"),
    (changed("presence", 1, "witness", value=[]), "presence[1]）字段 witness："),
    (without("presence", 1, "at"), "presence[1]）字段 at：缺少"),
    (changed("lessons", 0, "nominal_seconds", value=-1), "lessons[0]）字段 nominal_seconds："),
    (changed("heartbeats", 2, "lesson", value="9.9"), "heartbeats[2]）字段 lesson：“9.9”不在 lessons"),
    (without("heartbeats", 2, "device"), "heartbeats[2]）字段 device：缺少"),
    (changed("prompts", 0, "answered_at", value="never"), "prompts[0]）字段 answered_at："),
    (changed("prompts", 0, "answered_at", value="2026-03-02T20:09:59+08:00"), "prompts[0]）字段 answered_at：早于"),
]


@pytest.mark.parametrize("change, message", WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_unusable_input_names_file_entry_and_field(
    document: Document, change: Callable[[Document], None], message: str
) -> None:
    change(document)
    first, *_ = refusal(document).splitlines()  # a lost id is missed further down too
    assert first.startswith("证据.json：")
    assert message in first


@pytest.mark.parametrize("name", ["sessions", "lessons"])
def test_an_id_stands_once(document: Document, name: str) -> None:
    document[name] *= 2
    assert f"{name} 第 2 条（{name}[1]）字段 id：" in refusal(document)


def test_all_problems_are_told_at_once_and_the_list_ends(document: Document) -> None:
    document["policy"]["timezone"] = ""
    document["presence"][0]["at"] = ""
    assert refusal(document).count("\n") == 1
    document["heartbeats"] = [{}] * 50
    told = refusal(document).splitlines()
    assert len(told) == 21
    assert "另有 32 处问题" in told[-1]


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "第 1 行第 1 列"),
        ('{"policy": ', "第 1 行第"),
        ("[]", "最外层"),
        ("null", "最外层"),
        ('{"policy": {}, "policy": {}}', "字段 policy：在同一个对象里出现了两次"),
        ('{"policy": NaN}', "NaN"),
        ('{"policy": 1' + "0" * 5000 + "}", "数字过长"),
        ('{"policy": 1e99999999999999999999}', "数字过长"),
        ("[" * 100_000, "嵌套过深"),
    ],
    ids=["empty", "cut", "list", "null", "twin", "nan", "digits", "exponent", "deep"],
)
def test_what_is_no_usable_json_is_refused(text: str, message: str) -> None:
    told = refusal(text)
    assert told.startswith("证据.json：")
    assert message in told


# The command


def test_the_command_prints_json(tmp_path: Path) -> None:
    result = run(tmp_path, json.dumps(DOCUMENT), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == ANSWER


def test_the_command_prints_a_table_for_people(tmp_path: Path) -> None:
    result = run(tmp_path, json.dumps(DOCUMENT))
    assert result.exit_code == 0
    assert "2026-03-02（周一）  现场  s1       08:30:00–10:00:00  1 小时 30 分  2.0   甲" in result.stdout
    assert "同一时间已计入其他学习" in result.stdout
    assert result.stdout.endswith("合计：2.0 学时 / 1 小时 30 分\n")


def test_the_table_says_where_nothing_is_and_when_a_day_ends(tmp_path: Path, document: Document) -> None:
    assert run(tmp_path, json.dumps({"policy": document["policy"]})).stdout.count("（无）") == 2
    document["sessions"][0]["ends_at"] = "2026-03-03T00:00:00+08:00"
    document["presence"][1]["at"] = "2026-03-03T00:00:00+08:00"
    document["presence"].append({**document["presence"][0], "at": "2026-03-03T00:10:00+08:00"})
    result = run(tmp_path, json.dumps(document))
    assert "14:30:00–24:00:00" in result.stdout
    assert "00:10:00 " in result.stdout


def test_ignored_fields_are_told_beside_the_answer(tmp_path: Path, document: Document) -> None:
    document["note"] = "x"
    result = run(tmp_path, json.dumps(document), "--json")
    assert json.loads(result.stdout) == ANSWER
    assert "note" in result.stderr


def test_a_byte_order_mark_is_welcome(tmp_path: Path) -> None:
    assert run(tmp_path, json.dumps(DOCUMENT).encode("utf-8-sig"), "--json").exit_code == 0


def test_unusable_input_leaves_with_2_and_only_a_message(tmp_path: Path, document: Document) -> None:
    document["presence"][0]["witness"] = "neighbour"
    result = run(tmp_path, json.dumps(document), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "evidence.json：presence 第 1 条（presence[0]）字段 witness：" in result.stderr
    gbk = run(tmp_path, json.dumps({"课": 1}, ensure_ascii=False).encode("gbk"), "--json")
    assert (gbk.exit_code, gbk.stdout) == (2, "")
    assert "UTF-8" in gbk.stderr


def test_a_missing_file_or_option_leaves_with_2(tmp_path: Path) -> None:
    for options in (["--input", str(tmp_path / "none.json")], ["--input", str(tmp_path)], []):
        result = CliRunner().invoke(credit_command, options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "请" in result.stderr


def test_standard_input_is_read_and_utf8_written_whatever_the_locale_says(document: Document) -> None:
    document["sessions"][0]["id"] = document["presence"][0]["session"] = document["presence"][1]["session"] = "第一课"
    program = (
        "import sys; from lms.attendance.cli_credit import credit_command as command\n"
        "try: command()\n"
        "finally: assert not {'flask', 'sqlalchemy'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--input", "-", "--json"],
        input=json.dumps(document, ensure_ascii=False).encode(),
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout.decode("utf-8"))["entries"][0]["ref"] == "第一课"
    assert "第一课".encode() in done.stdout
