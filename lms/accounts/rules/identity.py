"""Whether a number can be what it claims to be: ID number, credit code, mobile number, names."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

LEAST_AGE = 16  # 劳动法第15条: nobody younger may be employed
GREATEST_AGE = 100

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
# GB/T 2260 by its first two digits only. The six-digit codes change every year (330113 and 330114 since
# 2021, 659012 since 2023), and a person keeps the number of a county that no longer exists. 81–83: residence
# permits for people of Hong Kong, Macao and Taiwan.
_PROVINCES = frozenset(
    [
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    ]
)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SEPARATORS = re.compile(r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\ufeff]")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•‧∙・･․⋅●", "·"))
# Planes 2 and 3 by range: Python's own tables learn new characters years after people bear them.
_NAME = re.compile(r"(?:[^\W\d_]|[\U00020000-\U0003ffff])+(?:[·' .\-](?:[^\W\d_]|[\U00020000-\U0003ffff])+)*\.?")
_LOGIN_NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


class BadIdentity(ValueError):
    """What was entered cannot be right; the message is Chinese and says what to look at."""


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A sound ID number and what it says of its holder."""

    number: str
    birth_on: date


def plain(text: str) -> str:
    """Return the text in half-width characters without spaces, dashes and invisible marks."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def age_on(birth_on: date, on: date) -> int:
    """Return full years of age; counts birthdays."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def parse_id_number(text: str, *, on: date | None = None) -> IdNumber:
    """Return a sound ID number (GB 11643-1999) or raise; given `on`, its holder is 16–100 then."""
    number = plain(text).upper()
    if re.fullmatch(r"\d{15}", number):
        raise BadIdentity("这是旧的 15 位身份证号，请填写现在的 18 位号码。")
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d+", number):
        raise BadIdentity("身份证号被表格软件改成了科学计数法，请把这一列设为文本格式后重新填写。")
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number) or not number.isascii():
        raise BadIdentity("身份证号应为 18 位：17 位数字加 1 位数字或字母 X。")
    if not _is_known_region(number):
        raise BadIdentity("身份证号前 6 位地区代码不存在，请核对。")
    birth_on = _birth_date(number)
    if on is not None:
        _check_age(birth_on, on)
    if id_check_character(number) != number[17]:
        raise BadIdentity("身份证号校验位不符，可能有一位写错，请核对。")
    return IdNumber(number, birth_on)


def id_check_character(number: str) -> str:
    """Return the 18th character that belongs to the first 17 digits (ISO 7064 MOD 11-2)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True)) % 11]


def _is_known_region(number: str) -> bool:
    """Foreigners' permanent residence cards since 2023 begin with 9, the province follows."""
    return int(number[1:3] if number[0] == "9" else number[:2]) in _PROVINCES


def _birth_date(number: str) -> date:
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadIdentity("身份证号第 7—14 位不是真实的日期，请核对。") from None
    if birth_on.year < 1900:
        raise BadIdentity("身份证号中的出生年份早于 1900 年，请核对。")
    return birth_on


def _check_age(birth_on: date, on: date) -> None:
    if birth_on > on:
        raise BadIdentity("身份证号中的出生日期晚于今天，请核对。")
    age = age_on(birth_on, on)
    if age < LEAST_AGE:
        raise BadIdentity(f"按身份证号计算年龄为 {age} 岁，不满 {LEAST_AGE} 周岁，请核对。")
    if age > GREATEST_AGE:
        raise BadIdentity(f"按身份证号计算年龄为 {age} 岁，请核对出生日期。")


def parse_uscc(text: str) -> str:
    """Return a sound unified social credit code (GB 32100-2015) or raise BadIdentity."""
    code = plain(text).upper()
    if len(code) != 18:
        raise BadIdentity("统一社会信用代码应为 18 位，请核对。")
    if wrong := next((sign for sign in code if sign not in _USCC_ALPHABET), None):
        raise BadIdentity(f"统一社会信用代码中不会出现“{wrong}”，请核对是否与数字混淆。")
    if not code[2:8].isdigit():
        raise BadIdentity("统一社会信用代码第 3—8 位应为数字（登记机关行政区划码），请核对。")
    if uscc_check_character(code) != code[17]:
        raise BadIdentity("统一社会信用代码校验位不符，可能有一位写错，请核对。")
    return code


def uscc_check_character(code: str) -> str:
    """Return the 18th character that belongs to the first 17 (weights are powers of 3 modulo 31)."""
    total = sum(_USCC_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return _USCC_ALPHABET[-total % 31]


def parse_phone(text: str) -> str:
    """Return a mainland mobile number of 11 digits or raise BadIdentity; +86 falls away."""
    number = plain(text)
    number = re.sub(r"^(?:\+86|0086|86)(?=1\d{10}$)", "", number)
    if not re.fullmatch(r"1[3-9]\d{9}", number) or not number.isascii():
        raise BadIdentity("手机号应为 11 位数字，以 1 开头，请核对。")
    return number


def parse_name(text: str) -> str:
    """Return a person's name with one kind of middle dot and single spaces, or raise BadIdentity."""
    name = unicodedata.normalize("NFC", text).translate(_MIDDLE_DOTS).strip()
    name = re.sub(r"\s+", " ", name)
    name = re.sub(r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff]) (?=[\u3400-\u9fff\U00020000-\U0003ffff])", "", name)
    name = re.sub(r"\s*·\s*", "·", name)
    if not 2 <= len(name) <= 40 or not _NAME.fullmatch(name):
        raise BadIdentity("姓名应为 2—40 个字，只用汉字、字母和间隔点“·”。")
    return name


def parse_login_name(text: str) -> str:
    """Return a login name in lower case, or raise BadIdentity; it cannot be taken for a number."""
    name = unicodedata.normalize("NFKC", text).strip().lower()
    if not _LOGIN_NAME.fullmatch(name):
        raise BadIdentity("登录名应为 3—32 位小写字母、数字、点、横线，并以字母开头。")
    return name
