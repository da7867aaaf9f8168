"""What to post so that the ledger says what the rule says: credits for what is new, reversals for what fell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lms.attendance.rules.evidence import Credit, Entry, EvidenceGrade, NotCredited, Source, whole_second
from lms.attendance.rules.intervals import Span, subtract, unite

REGRADED = "regraded"
WITHDRAWN = "withdrawn"

_Account = tuple[Source, str, EvidenceGrade]


@dataclass(frozen=True, slots=True)
class Posted:
    """A credit that stands in the ledger and was not taken back."""

    sequence: int
    source: Source
    ref: str
    started_at: datetime
    ended_at: datetime
    grade: EvidenceGrade

    @property
    def span(self) -> Span:
        """Its time in whole seconds."""
        return whole_second(self.started_at), whole_second(self.ended_at)


@dataclass(frozen=True, slots=True)
class Posting:
    """A credit to append."""

    source: Source
    ref: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    grade: EvidenceGrade


@dataclass(frozen=True, slots=True)
class Reversal:
    """A credit to take back, and why."""

    posted: Posted
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to append, reversals first."""

    reversals: tuple[Reversal, ...]
    postings: tuple[Posting, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the ledger already says what the rule says."""
        return not self.reversals and not self.postings


def plan(posted: Sequence[Posted], credit: Credit) -> Plan:
    """Compare what stands in the ledger with what the rule credits.

    A posted credit stays while it lies whole inside a credited interval of its source, ref and grade; what it does not
    cover of that interval is posted beside it, so an interval that grew gets its tail.
    """
    due: dict[_Account, list[Span]] = {}
    for line in credit.entries:
        due.setdefault((line.source, line.ref, line.grade), []).append(_span(line))
    held: dict[_Account, list[Span]] = {}
    reversals = []
    for entry in sorted(posted, key=lambda entry: entry.sequence):
        account = entry.source, entry.ref, entry.grade
        if _holds(due.get(account, ()), entry.span):
            held.setdefault(account, []).append(entry.span)
        else:
            reversals.append(Reversal(entry, _reason(entry, credit)))
    postings = [
        _posting(account, part)
        for account, spans in due.items()
        for span in spans
        for part in subtract(span, unite(held.get(account, [])))
    ]
    postings.sort(key=lambda posting: (posting.started_at, posting.source, posting.ref))
    return Plan(tuple(reversals), tuple(postings))


def _span(line: Entry | NotCredited) -> Span:
    return whole_second(line.started_at), whole_second(line.ended_at)


def _holds(spans: Iterable[Span], span: Span) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _reason(entry: Posted, credit: Credit) -> str:
    """Say why a credit falls: another grade, the rule's reason for the same time, or evidence no longer in force."""
    of_the_same = [line for line in credit.entries if (line.source, line.ref) == (entry.source, entry.ref)]
    if _holds((_span(line) for line in of_the_same), entry.span):
        return REGRADED
    start, end = entry.span
    for line in credit.not_credited:
        began, ended = _span(line)
        if (line.source, line.ref) == (entry.source, entry.ref) and began < end and start < ended:
            return line.reason.value
    return WITHDRAWN


def _posting(account: _Account, span: Span) -> Posting:
    source, ref, grade = account
    start, end = (datetime.fromtimestamp(second, UTC) for second in span)
    return Posting(source, ref, start, end, span[1] - span[0], grade)
