"""The invented people of the demo: plausible names, ID numbers that pass every check and belong to nobody we know."""

from collections.abc import Iterator
from dataclasses import dataclass

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = (
    "建国",
    "志强",
    "海波",
    "秀英",
    "文娟",
    "国庆",
    "晓东",
    "丽华",
    "新民",
    "小燕",
    "永刚",
    "红梅",
    "俊峰",
    "春花",
    "立新",
)
EMPLOYERS = ("湖北楚建工程有限公司", "武汉江城建设集团有限公司", "襄阳汉水路桥有限公司", "宜昌三峡安装工程有限公司")
REGION = "420106"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the demo."""

    login: str
    name: str
    phone: str
    id_number: str
    employer: str


def id_number(serial: int) -> str:
    """Return the serial-th ID number: born between 1975 and 1998, check character by GB 11643."""
    year, month, day = 1975 + serial % 24, 1 + serial % 12, 1 + serial % 28
    body = f"{REGION}{year:04d}{month:02d}{day:02d}{serial % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def uscc(body: str) -> str:
    """Return a unified social credit code: 17 given symbols and their check character by GB 32100."""
    total = sum(_USCC_SYMBOLS.index(symbol) * pow(3, place, 31) for place, symbol in enumerate(body))
    return body + _USCC_SYMBOLS[-total % 31]


def learners(count: int) -> Iterator[Invented]:
    """Yield the learners of the demo, always the same ones."""
    for number in range(1, count + 1):
        yield Invented(
            login=f"xueyuan{number:02d}",
            name=SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)],
            phone=f"199{number:08d}",
            id_number=id_number(number),
            employer=EMPLOYERS[number % len(EMPLOYERS)],
        )
