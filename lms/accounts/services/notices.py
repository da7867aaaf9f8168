"""The personal-information notice: accepted once per version, never taken back in the records."""

from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import NoticeAcceptance
from lms.accounts.rules.notice import NOTICE_VERSION
from lms.accounts.services.memberships import lock_person
from lms.accounts.services.records import NoticeView
from lms.core import audit
from lms.core.db import db


def accept_notice(*, person_id: int, organisation_id: int, at: datetime) -> None:
    """Keep that a person accepted the notice now in force; accepting it again changes nothing."""
    lock_person(person_id)
    found = find_accepted_notice(person_id=person_id)
    if found is not None and found.version == NOTICE_VERSION:
        return
    db.session.add(
        NoticeAcceptance(person_id=person_id, version=NOTICE_VERSION, organisation_id=organisation_id, at=at)
    )
    audit.record(
        at=at,
        action="accounts.notice_accepted",
        subject=f"accounts_person:{person_id}",
        actor_id=person_id,
        organisation_id=organisation_id,
        version=NOTICE_VERSION,
    )


def find_accepted_notice(*, person_id: int) -> NoticeView | None:
    """Return the newest version a person accepted, None when they accepted none."""
    row = db.session.scalars(
        select(NoticeAcceptance)
        .where(NoticeAcceptance.person_id == person_id)
        .order_by(NoticeAcceptance.at.desc(), NoticeAcceptance.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else NoticeView(version=row.version, at=row.at)
