"""Walking the chains of evidence and ledger (contract D)."""

from dataclasses import replace

from lms.attendance.models import Heartbeat, LedgerEntry, PresenceAct, Prompt, RollCallMark
from lms.core import chain
from lms.core.chain import Chained, Verdict

_CHAINS: tuple[type[Chained], ...] = (PresenceAct, RollCallMark, Heartbeat, Prompt, LedgerEntry)


def verify_ledger() -> Verdict:
    """Check every entry of evidence and ledger; the first bad one is named as `<table>/<stream>` and sequence."""
    checked = 0
    for model in _CHAINS:
        verdict = chain.verify(model)
        checked += verdict.checked
        if verdict.fault is not None:
            table = str(model.__tablename__)  # type: ignore[attr-defined]
            return Verdict(checked, replace(verdict.fault, stream=f"{table}/{verdict.fault.stream}"))
    return Verdict(checked, None)
