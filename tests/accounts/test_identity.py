"""Numbers that can be, numbers that cannot; a second opinion from python-stdnum where it is right."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from lms.accounts.rules import identity
from lms.accounts.rules.identity import BadIdentity

ON = date(2026, 3, 2)


def id_number(region: str, born: str, sequence: str = "123") -> str:
    head = region + born + sequence
    return head + identity.id_check_character(head)


# The two examples of GB 11643-1999 itself.
@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_standards_rule_gives_its_own_check_characters(number: str) -> None:
    assert identity.id_check_character(number) == number[17]


@pytest.mark.parametrize(
    "region",
    ["420106", "330113", "330114", "659012", "810000", "820000", "830000", "110221", "500101", "542221", "710000"],
)
def test_every_province_old_counties_and_permits_are_known(region: str) -> None:
    number = id_number(region, "19900501")
    assert identity.parse_id_number(number, on=ON).number == number
    assert identity.parse_id_number(number).birth_on == date(1990, 5, 1)


def test_foreigners_permanent_residence_cards_are_accepted() -> None:
    number = id_number("931840", "19800615")
    assert identity.parse_id_number(number, on=ON).number == number


@pytest.mark.parametrize(
    "typed",
    [
        "11010519900307 001X",
        "110105-19900307-001x",
        "１１０１０５１９９００３０７００１Ｘ",
        "\u200b11010519900307001X\ufeff",
    ],
)
def test_spaces_dashes_wide_and_small_letters_do_not_matter(typed: str) -> None:
    head = "11010519900307001"
    wanted = head + identity.id_check_character(head)
    text = typed.replace("X", wanted[17]).replace("x", wanted[17].lower())
    text = text.replace("Ｘ", wanted[17])
    assert identity.parse_id_number(text).number == wanted


@pytest.mark.parametrize(
    "number, reason",
    [
        ("420106900501123", "15 位"),
        ("4.20106E+17", "科学计数法"),
        ("42010619900501123", "18 位"),
        ("4201061990050112312", "18 位"),
        ("42010619900501A23X", "18 位"),
        ("99999919900501123X", "地区"),
        ("", "18 位"),
        ("四二零一零六", "18 位"),
        ("٤٢٠١٠٦١٩٩٠٠٥٠١١٢٣٤", "18 位"),
    ],
)
def test_impossible_id_numbers_say_why(number: str, reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason):
        identity.parse_id_number(number)


@pytest.mark.parametrize("born", ["19900231", "19901301", "19900100", "20010229"])
def test_a_birth_date_must_be_a_date(born: str) -> None:
    with pytest.raises(BadIdentity, match="真实的日期"):
        identity.parse_id_number(id_number("420106", born))


@pytest.mark.parametrize(
    "born, reason",
    [("20260303", "晚于今天"), ("20100303", "不满 16 周岁"), ("19250301", "101 岁"), ("18991231", "早于 1900")],
)
def test_a_birth_date_must_be_plausible(born: str, reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason):
        identity.parse_id_number(id_number("420106", born), on=ON)


def test_the_sixteenth_birthday_counts() -> None:
    assert identity.parse_id_number(id_number("420106", "20100302"), on=ON)


def test_a_wrong_check_character_is_found() -> None:
    good = id_number("420106", "19900501")
    wrong = good[:17] + ("1" if good[17] != "1" else "2")
    with pytest.raises(BadIdentity, match="校验位"):
        identity.parse_id_number(wrong)


@given(
    born=st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    sequence=st.integers(0, 999),
    place=st.integers(0, 16),
    digit=st.integers(0, 9),
)
def test_one_wrong_digit_is_always_noticed(born: date, sequence: int, place: int, digit: int) -> None:
    good = id_number("420106", f"{born:%Y%m%d}", f"{sequence:03}")
    wrong = good[:place] + str(digit) + good[place + 1 :]
    if wrong != good:
        with pytest.raises(BadIdentity):
            identity.parse_id_number(wrong)


@given(born=st.dates(date(1930, 1, 1), date(2009, 12, 31)), sequence=st.integers(0, 999))
def test_stdnum_agrees_about_id_numbers(born: date, sequence: int) -> None:
    number = id_number("420106", f"{born:%Y%m%d}", f"{sequence:03}")
    # Only its arithmetic: it refuses counties renamed since, new ones, and residence permits.
    assert ric.calc_check_digit(number) == number[17]
    assert ric.get_birth_date(number) == born
    assert identity.parse_id_number(number).birth_on == born


@given(st.text(max_size=24))
def test_any_text_is_answered_with_a_number_or_a_reason(text: str) -> None:
    for parse in (identity.parse_id_number, identity.parse_uscc, identity.parse_phone, identity.parse_name):
        with contextlib.suppress(BadIdentity):
            assert parse(text)


@pytest.mark.parametrize("code", ["91110000600037341L", "9142010030019740XD"])
def test_real_credit_codes_are_accepted(code: str) -> None:
    if uscc.is_valid(code):
        assert identity.parse_uscc(f" {code.lower()} ") == code


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.sampled_from(["91", "52", "12", "11"]))
def test_stdnum_agrees_about_credit_codes(organisation: str, head: str) -> None:
    body = head + "420100" + organisation
    code = body + identity.uscc_check_character(body)
    assert identity.parse_uscc(code) == code
    assert uscc.is_valid(code)
    other = "0" if code[17] != "0" else "1"
    assert not uscc.is_valid(body + other)
    with pytest.raises(BadIdentity, match="校验位"):
        identity.parse_uscc(body + other)


@pytest.mark.parametrize(
    "code, reason",
    [
        ("9142010030019740X", "18 位"),
        ("91420100300197I0XD", "“I”"),
        ("9142O100300197J0XD", "“O”"),
        ("91AB0100300197J0XD", "3—8"),
    ],
)
def test_impossible_credit_codes_say_why(code: str, reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason):
        identity.parse_uscc(code)


@pytest.mark.parametrize(
    "typed",
    ["13800001234", "138 0000 1234", "+86 138-0000-1234", "008613800001234", "8613800001234", "１３８００００１２３４"],
)
def test_phones_are_read_as_people_write_them(typed: str) -> None:
    assert identity.parse_phone(typed) == "13800001234"


@pytest.mark.parametrize(
    "typed", ["12800001234", "1380000123", "138000012345", "02787654321", "", "abc", "٠١٣٨٠٠٠٠١٢٣٤"]
)
def test_other_numbers_are_no_mobile_numbers(typed: str) -> None:
    with pytest.raises(BadIdentity, match="11 位"):
        identity.parse_phone(typed)


@pytest.mark.parametrize(
    "typed, name",
    [
        ("张三", "张三"),
        (" 李 小 明 ", "李小明"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 · 买买提", "阿卜杜拉·买买提"),
        ("𠮷野", "𠮷野"),
        ("王䶮", "王䶮"),
        ("John Smith", "John Smith"),
        ("欧阳修", "欧阳修"),
    ],
)
def test_names_have_one_form(typed: str, name: str) -> None:
    assert identity.parse_name(typed) == name


@pytest.mark.parametrize("typed", ["", "张", "张三1", "张三<b>", "=1+1", "张_三", "·张三", "字" * 41])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(BadIdentity):
        identity.parse_name(typed)


@pytest.mark.parametrize("typed", ["13800001234", "1abc", "ab", "王建国", "a" * 33, "a b c", ""])
def test_a_login_name_cannot_be_taken_for_a_number(typed: str) -> None:
    with pytest.raises(BadIdentity):
        identity.parse_login_name(typed)


def test_a_login_name_is_kept_in_small_letters() -> None:
    assert identity.parse_login_name(" WangJG.01 ") == "wangjg.01"
