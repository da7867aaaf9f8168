"""Settling as a pure rule: whatever the ledger held before, afterwards it says what the rule says."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules import Credit, Evidence, StudySpan, credit
from lms.attendance.rules.intervals import joined
from lms.attendance.rules.settling import Posted, plan
from tests.attendance.test_rules_reference import evidences, moment, second_of


class Ledger:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.standing: dict[int, Posted] = {}
        self.length = 0

    def settle(self, answer: Credit) -> int:
        to_do = plan(list(self.standing.values()), answer)
        for reversal in to_do.reversals:
            assert reversal.reason
            del self.standing[reversal.posted.sequence]
            self.length += 1
        for posting in to_do.postings:
            assert posting.seconds > 0
            self.length += 1
            self.standing[self.length] = Posted(
                self.length, posting.source, posting.ref, posting.started_at, posting.ended_at, posting.grade
            )
        return len(to_do.reversals) + len(to_do.postings)

    def says(self) -> set[tuple[str, str, str, int]]:
        seconds = set()
        for entry in self.standing.values():
            for second in range(*entry.span):
                line = (entry.source, entry.ref, entry.grade, second)
                assert line not in seconds, "no second stands twice"
                seconds.add(line)
        return seconds


def says(answer: Credit) -> set[tuple[str, str, str, int]]:
    return {
        (entry.source, entry.ref, entry.grade, second)
        for entry in answer.entries
        for second in range(int(entry.started_at.timestamp()), int(entry.ended_at.timestamp()))
    }


def up_to(evidence: Evidence, second: int) -> Evidence:
    """The evidence as it stood at a moment."""
    at = moment(second)
    return replace(
        evidence,
        presence=tuple(act for act in evidence.presence if act.at <= at),
        heartbeats=tuple(beat for beat in evidence.heartbeats if beat.at <= at),
        prompts=tuple(
            replace(prompt, answered_at=prompt.answered_at if prompt.answered_at and prompt.answered_at <= at else None)
            for prompt in evidence.prompts
            if prompt.at <= at
        ),
    )


@given(evidences(), st.lists(st.integers(0, 260), max_size=6))
def test_the_ledger_ends_where_the_rule_does_however_often_it_was_settled(
    evidence: Evidence, moments: list[int]
) -> None:
    ledger = Ledger()
    for second in sorted(moments):
        ledger.settle(credit(up_to(evidence, second)))
    answer = credit(evidence)
    ledger.settle(answer)
    assert ledger.says() == says(answer)
    assert ledger.settle(answer) == 0


@given(evidences(), evidences())
def test_the_ledger_follows_when_all_evidence_changes(first: Evidence, second: Evidence) -> None:
    ledger = Ledger()
    ledger.settle(credit(first))
    ledger.settle(credit(second))
    assert ledger.says() == says(credit(second))


@given(evidences())
def test_joined_spans_count_like_their_beats(evidence: Evidence) -> None:
    gap = evidence.policy.heartbeat_gap_seconds
    own: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for beat in evidence.heartbeats:
        own.setdefault((beat.lesson, beat.device), []).append((second_of(beat.at), second_of(beat.at)))
    spans = tuple(
        StudySpan(lesson, moment(first), moment(last), device)
        for (lesson, device), beats in own.items()
        for first, last in joined(beats, gap)
    )
    assert credit(replace(evidence, heartbeats=(), spans=spans)) == credit(evidence)
    half = evidence.heartbeats[::2]
    assert credit(replace(evidence, heartbeats=half, spans=spans)) == credit(evidence)
