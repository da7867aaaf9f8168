"""Nobody alters, drops or cuts a chained record unnoticed."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from lms.core import audit, chain
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def log(context: Flask) -> None:
    with transaction():
        for number in range(5):
            for organisation in (None, 7):
                audit.record(
                    at=AT,
                    action="test",
                    subject=f"t:{number}",
                    actor_id=None,
                    organisation_id=organisation,
                    note="金额",
                )


def tamper(statement: str) -> None:
    with transaction() as session:
        session.connection().execute(text(statement))


def test_a_sound_log_is_sound(log: None) -> None:
    assert audit.verify() == chain.Verdict(10, None)


@pytest.mark.parametrize(
    "statement,sequence",
    [
        ("UPDATE core_audit_entry SET subject = 't:9' WHERE stream = 'org-7' AND sequence = 3", 3),
        ("UPDATE core_audit_entry SET at = '2026-03-03 00:00:00' WHERE stream = 'org-7' AND sequence = 2", 2),
        ("DELETE FROM core_audit_entry WHERE stream = 'org-7' AND sequence = 4", 4),
        ("DELETE FROM core_audit_entry WHERE stream = 'org-7' AND sequence = 5", 5),
        ("DELETE FROM core_audit_entry WHERE stream = 'org-7'", 1),
    ],
)
def test_the_first_bad_entry_is_named(log: None, statement: str, sequence: int) -> None:
    tamper(statement)
    fault = audit.verify().fault
    assert fault is not None
    assert (fault.stream, fault.sequence) == ("org-7", sequence)


def test_a_forged_end_does_not_hide_a_cut(log: None) -> None:
    tamper("DELETE FROM core_audit_entry WHERE stream = 'org-7' AND sequence = 5")
    tamper("UPDATE core_chain_head SET sequence = 4 WHERE stream = 'org-7'")
    assert not audit.verify().ok


def test_contract_d(log: None) -> None:
    tamper("UPDATE core_audit_entry SET action = 'other' WHERE stream = 'org-0' AND sequence = 1")
    answer = audit.verify().to_json()
    assert answer["ok"] is False
    assert answer["first_bad"] == {"stream": "org-0", "sequence": 1, "reason": "内容与指纹不符，记录被改动过"}


def test_appending_nothing_changes_nothing(log: None) -> None:
    with transaction():
        assert chain.append(AuditEntry, "org-7", [], at=AT) == 5
    assert audit.verify().checked == 10
    db.session.rollback()
