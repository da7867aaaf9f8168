"""Masks, roles, waits, passwords, paths."""

from datetime import timedelta

import pytest

from lms.accounts.rules import masks, roles
from lms.accounts.rules.roles import OrganisationKind, Role
from lms.accounts.rules.sign_in import local_path, lock_out, password_fault, wait_text


@pytest.mark.parametrize(
    "name, masked",
    [("张三", "张*"), ("李小明", "李*明"), ("欧阳修远", "欧**远"), ("阿卜杜拉·买买提", "阿******提"), ("张", "张")],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert masks.mask_name(name) == masked


def test_numbers_are_masked() -> None:
    assert masks.mask_id_number("42010619900501123X") == "420***********123X"
    assert masks.mask_phone("13800001234") == "138****1234"
    assert masks.mask_id_number(None) == masks.mask_phone(None) == masks.tail("") == ""
    assert masks.tail("42010619900501123X") == "123X"


def test_waiting_begins_with_the_fifth_failure_and_doubles() -> None:
    waits = [lock_out(failures).total_seconds() for failures in range(13)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1800, 1800]
    assert lock_out(10_000) == timedelta(minutes=30)


@pytest.mark.parametrize(
    "seconds, text",
    [(0.2, "1 秒"), (30, "30 秒"), (59.1, "1 分钟"), (60, "1 分钟"), (61, "2 分钟"), (1800, "30 分钟")],
)
def test_waits_are_rounded_up(seconds: float, text: str) -> None:
    assert wait_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    "password, reason",
    [
        ("abc1234", "至少 8 位"),
        ("a1" * 65, "最多 128 位"),
        ("abcdefgh", "字母（或符号）和数字"),
        ("20260302", "字母（或符号）和数字"),
        ("Admin123", "太常见"),
        ("a123456789", "太常见"),
        ("aaaa1111", "太常见"),
        ("x13800001234", "手机号"),
        ("zhang001234", "手机号"),
        ("wjg19900501", "生日"),
        ("wangjg-2026", "登录名"),
        ("王abc123X5", None),
        ("sunny day 42", None),
        ("k7m-q3vtx", None),
    ],
)
def test_weak_passwords_say_why(password: str, reason: str | None) -> None:
    fault = password_fault(password, personal=("wangjg", "13800001234", "42010619900501123X"))
    assert (fault is None) if reason is None else (fault is not None and reason in fault)


@pytest.mark.parametrize("target", ["/", "/me", "/lessons/2.4-1?x=1&y=2", "/verify/AX%2F1", "/课程"])
def test_own_paths_are_followed(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target", [None, "", "me", "//evil.example", "/\\evil.example", "https://evil.example", "/a\\b", "/a\nb", "\t/x"]
)
def test_other_targets_are_not(target: str | None) -> None:
    assert local_path(target) is None


def test_nobody_reaches_above_themselves() -> None:
    assert roles.can_manage(["platform_administrator"], list(Role))
    assert roles.can_manage(["administrator"], ["administrator", "registrar", "learner"])
    assert not roles.can_manage(["administrator"], ["platform_administrator"])
    assert not roles.can_manage(["registrar"], ["registrar"])
    assert not roles.can_manage(["registrar"], ["learner", "administrator"])
    assert roles.can_manage(["registrar"], ["learner", "instructor", "head_teacher"])
    assert roles.can_manage(["head_teacher"], ["learner"])
    assert not roles.can_manage(["learner", "instructor", "employer_clerk"], ["learner"])


def test_every_kind_has_an_administrator_and_every_role_a_title() -> None:
    assert all(Role.ADMINISTRATOR in roles.roles_of_kind(kind) for kind in OrganisationKind)
    assert set(roles.ROLE_TITLES) == set(Role)
    assert set(roles.KIND_TITLES) == set(OrganisationKind)
    assert roles.role_titles(["learner", "administrator"]) == "机构管理员、学员"
