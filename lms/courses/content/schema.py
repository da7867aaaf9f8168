"""The shape of content files: syllabus, lesson front matter, law register."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from lms.core.reviews import Reviewed
from lms.courses.rules.kinds import ItemGroup
from lms.courses.rules.minutes import MAX_MINUTES, MIN_MINUTES
from lms.courses.rules.naming import ITEM_CODE, LESSON_CODE

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
ARTICLE = r"^[\w()（）.-]{1,40}$"
_SELF_CHECK = re.compile(rf"(?P<item>{ITEM_CODE.pattern})-[smtnfc]\d\d")
GIST_LENGTH = 90

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
OptionalDate = Annotated[date | None, BeforeValidator(lambda value: None if value == "" else value)]


class Strict(BaseModel):
    """A record of a content file: what it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(Strict):
    """One source of a lesson: a law and an article of it."""

    law: Annotated[str, StringConstraints(pattern=SLUG)]
    article: Annotated[str, StringConstraints(pattern=ARTICLE)]


class ItemEntry(Strict):
    """One official item of `syllabus.toml`."""

    code: str
    group: ItemGroup
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

    @field_validator("code")
    @classmethod
    def _official_code(cls, code: str) -> str:
        if not ITEM_CODE.fullmatch(code) or code.startswith("L"):
            raise ValueError("条目代码应写作 2.4 这样的形式")
        return code


class LessonFront(Strict):
    """The front matter of a lesson file."""

    code: str
    item: str
    order: Annotated[int, Field(ge=1, le=99)]
    title: Title
    minutes: Annotated[int, Field(ge=MIN_MINUTES, le=MAX_MINUTES)]
    as_of: date
    reviewed: Reviewed
    self_check: list[str] = []
    sources: Annotated[list[SourceEntry], Field(min_length=1)]

    @field_validator("code")
    @classmethod
    def _lesson_code(cls, code: str) -> str:
        if not LESSON_CODE.fullmatch(code) or code.startswith("L"):
            raise ValueError("课文代码应写作 2.4-1 这样的形式")
        return code

    @field_validator("self_check")
    @classmethod
    def _slugs(cls, slugs: list[str]) -> list[str]:
        for slug in slugs:
            if not _SELF_CHECK.fullmatch(slug):
                raise ValueError(f"“{slug}”不是试题代码，应写作 2.4-s01 这样的形式")
            if slugs.count(slug) > 1:
                raise ValueError(f"“{slug}”写了两次")
        return slugs


class ArticleEntry(Strict):
    """One article of a law file."""

    no: Annotated[str, StringConstraints(pattern=ARTICLE)]
    gist: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=GIST_LENGTH)]
    sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""


class LawFile(Strict):
    """A file of the law register, articles apart (they are checked one by one, so that each fault has its place)."""

    slug: Annotated[str, StringConstraints(pattern=SLUG, max_length=48)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
    short_title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    number: Annotated[str, StringConstraints(max_length=80)]
    issuer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
    effective_on: OptionalDate
    amended_on: OptionalDate = None
    status: Literal["in_force", "amended", "repealed"]
    text_status: Literal["full", "excerpt"]
    region: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    note: str = ""
