"""Organisations: create, look up, list, settings."""

from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Organisation
from lms.accounts.rules.roles import OrganisationKind
from lms.accounts.services.records import OrganisationView, check_uscc, organisation_view
from lms.core import audit
from lms.core.db import db
from lms.core.errors import Invalid, NotFound
from lms.core.listing import ListPage, ListQuery, fetch


def create_organisation(
    *,
    kind: str,
    name: str,
    short_name: str = "",
    uscc: str | None = None,
    contact: str = "",
    at: datetime,
    actor_id: int | None = None,
) -> int:
    """Create an organisation and return its id; name and credit code stand for one organisation only."""
    if kind not in set(OrganisationKind):
        raise Invalid("请选择机构类型。", field="kind")
    name = _check_name(name)
    code = check_uscc(uscc) if uscc and uscc.strip() else None
    if code and db.session.scalar(select(Organisation.id).where(Organisation.uscc == code)):
        raise Invalid("这个统一社会信用代码已经登记过，请在机构列表中查找。", field="uscc")
    row = Organisation(
        kind=kind, name=name, short_name=short_name.strip(), uscc=code, contact=contact.strip(), created_at=at
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        at=at,
        action="accounts.organisation_created",
        subject=f"accounts_organisation:{row.id}",
        actor_id=actor_id,
        organisation_id=row.id,
        kind=kind,
    )
    return row.id


def _check_name(text: str) -> str:
    name = " ".join(text.split())
    if not 2 <= len(name) <= 120:
        raise Invalid("请填写机构全称（2—120 个字）。", field="name")
    if db.session.scalar(select(Organisation.id).where(Organisation.name == name)):
        raise Invalid("已有同名机构，请在机构列表中查找。", field="name")
    return name


def get_organisation(*, organisation_id: int) -> OrganisationView:
    """Return an organisation or raise NotFound."""
    return organisation_view(organisation_row(organisation_id))


def find_organisation_by_name(*, name: str) -> OrganisationView | None:
    """Return the organisation of this full name, None when there is none."""
    row = db.session.scalars(select(Organisation).where(Organisation.name == " ".join(name.split()))).one_or_none()
    return None if row is None else organisation_view(row)


def list_organisations(*, query: ListQuery, kind: str = "") -> ListPage[OrganisationView]:
    """Return a page of all organisations of the platform, of one kind if given."""
    statement = select(Organisation)
    if kind:
        statement = statement.where(Organisation.kind == kind)
    page = fetch(
        statement,
        query,
        searchable=(Organisation.name, Organisation.short_name, Organisation.uscc),
        sortable={"name": Organisation.name, "kind": Organisation.kind, "created": Organisation.created_at},
        default_sort=(Organisation.name, Organisation.id),
    )
    return ListPage([organisation_view(row) for row in page.rows], page.total, page.query)


def change_organisation(
    *, organisation_id: int, short_name: str, contact: str, require_totp: bool, at: datetime, actor_id: int
) -> None:
    """Change what an organisation decides for itself."""
    row = organisation_row(organisation_id)
    row.short_name, row.contact, row.require_totp = short_name.strip(), contact.strip(), require_totp
    audit.record(
        at=at,
        action="accounts.organisation_changed",
        subject=f"accounts_organisation:{organisation_id}",
        actor_id=actor_id,
        organisation_id=organisation_id,
        require_totp=require_totp,
    )


def organisation_row(organisation_id: int) -> Organisation:
    """Return the row of an organisation or raise NotFound."""
    row = db.session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound("没有这个机构。请从机构列表重新进入。")
    return row
