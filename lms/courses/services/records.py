"""What crosses the door of courses: frozen records, no rows."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from lms.courses.rules.kinds import ChangeKind, ItemGroup
from lms.courses.rules.naming import article_name, chip_label

NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class ItemView:
    """A syllabus item; `owner_id` is None for the official ones."""

    id: int
    code: str
    group: ItemGroup
    position: int
    title: str
    owner_id: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether an institution added it."""
        return self.owner_id is not None


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson without its text; `minutes` is nominal."""

    id: int
    code: str
    item_code: str
    title: str
    minutes: int
    position: int
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class LessonBody:
    """The immutable part of a lesson page: one revision, ready to be shown."""

    revision_id: int
    number: int
    title: str
    minutes: int
    position: int
    html: Markup
    toc: tuple[tuple[str, str, int], ...]
    as_of: date
    reviewed_on: date | None
    practice_minutes: int = 0
    questions: int = 0

    @property
    def reading_minutes(self) -> int:
        """What is left for reading after exercises and self-check (a minute and a half a question)."""
        return max(self.minutes - self.practice_minutes - (self.questions * 3 + 1) // 2, 0)


@dataclass(frozen=True, slots=True)
class ChangedCitation:
    """A cited article whose official text is another now, or is gone; `word` says which."""

    law_title: str
    no: str
    word: str

    @property
    def name(self) -> str:
        """What people call it: 《保障农民工工资支付条例》第28条."""
        return f"《{self.law_title}》{article_name(self.no)}"


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson as one person reads it now; waits_for: why it is being reviewed, empty when it is not."""

    lesson: LessonView
    item_title: str
    body: LessonBody
    previous_code: str | None
    next_code: str | None
    opened_at: datetime | None
    finished_at: datetime | None
    waits_for: tuple[ChangedCitation, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemCoverage:
    """An item and how far it is covered.

    lessons and minutes: how many there are; held: how many of them wait for a review; reviewed_on: the oldest reading.
    """

    item: ItemView
    lessons: int
    minutes: int
    reviewed_on: date | None
    held: int = 0


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One revision of a lesson; source and html are empty in lists."""

    id: int
    number: int
    title: str
    minutes: int
    as_of: date
    created_at: datetime
    author_id: int | None
    is_current: bool
    source: str = ""
    html: Markup = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonDraft:
    """What an institution enters of a lesson: `source` is Markdown, `position` its place in the item."""

    title: str
    minutes: int
    as_of: date
    source: str
    position: int = 1


@dataclass(frozen=True, slots=True)
class LawView:
    """A document of the register; changed: how many articles are no longer as registered."""

    slug: str
    title: str
    short_title: str
    number: str
    issuer: str
    region: str
    effective_on: date | None
    amended_on: date | None
    status: str
    text_status: str
    note: str
    changed: int = 0

    @property
    def chip(self) -> str:
        """What a chip of the whole document says."""
        return chip_label(self.short_title, "").strip()


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with what the citation sheet shows of its law; change: what happened to the official text since."""

    law_slug: str
    law_title: str
    short_title: str
    no: str
    gist: str
    number: str
    effective_on: date | None
    amended_on: date | None = None
    status: str = "in_force"
    text_status: str = "full"
    issuer: str = ""
    change: ChangeKind | None = None

    @property
    def name(self) -> str:
        """What the article is called, such as 第28条."""
        return article_name(self.no)

    @property
    def label(self) -> str:
        """What its citation chip says."""
        return chip_label(self.short_title, self.no)


@dataclass(frozen=True, slots=True)
class CitationView:
    """A citation as a chip: its words and where it leads."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class CourseItemView:
    """An item of a course and the minutes planned for it."""

    code: str
    title: str
    group: ItemGroup
    position: int
    planned_minutes: int


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course of an institution."""

    id: int
    name: str
    items: tuple[CourseItemView, ...]

    @property
    def planned_seconds(self) -> int:
        """The planned minutes of all items, in seconds."""
        return sum(item.planned_minutes for item in self.items) * 60
