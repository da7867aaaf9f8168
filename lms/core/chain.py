"""Hash chains: append-only streams in which nobody can change, drop or reorder an entry unnoticed.

A table takes part by inheriting `Chained`. Its rows fall into streams; within a stream each row carries a sequence
number and a hash over its content and the hash before it. The unique key on (stream, sequence) stops two
writers from forking a stream, also when they run in different processes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Integer, LargeBinary, String, Table, UniqueConstraint, bindparam, insert, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from lms.core.db import Model, UtcDateTime, db, insert_into, run_core

GENESIS = b"\0" * 32


class Chained:
    """Columns of a row in a hash chain; subclasses name in `chained_columns` what the hash covers."""

    chained_columns: tuple[str, ...] = ()

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(Integer)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (UniqueConstraint("stream", "sequence"),)


class ChainHead(Model):
    """Where each stream stands: the witness that the newest entries were not cut off, and the lock of its writers."""

    __tablename__ = "core_chain_head"

    table_name: Mapped[str] = mapped_column(String(64), primary_key=True)
    stream: Mapped[str] = mapped_column(String(64), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


C = TypeVar("C", bound=Chained)
_heads: Table = ChainHead.__table__  # type: ignore[assignment]

# Built once: these run with every entry of every chain.
_LOCK_HEAD = (
    select(_heads.c.sequence, _heads.c.hash)
    .where(_heads.c.table_name == bindparam("of_table"), _heads.c.stream == bindparam("of_stream"))
    .with_for_update()
)
_MOVE_HEAD = (
    _heads.update()
    .where(_heads.c.table_name == bindparam("of_table"), _heads.c.stream == bindparam("of_stream"))
    .values(sequence=bindparam("sequence"), hash=bindparam("hash"), updated_at=bindparam("updated_at"))
)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad entry of a stream."""

    stream: str
    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of walking chains: how many entries were checked, and the first fault if any."""

    checked: int
    fault: Fault | None

    @property
    def ok(self) -> bool:
        """Whether every entry checked was sound."""
        return self.fault is None

    def to_json(self) -> dict[str, object]:
        """Return contract D's answer."""
        fault = self.fault
        bad = None if fault is None else {"stream": fault.stream, "sequence": fault.sequence, "reason": fault.reason}
        return {"ok": self.ok, "checked": self.checked, "first_bad": bad}


def canonical(values: dict[str, Any]) -> bytes:
    """Return the one byte string of a record: sorted keys, no spaces, moments as UTC text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    message = f"{type(value).__name__} cannot stand in a chained record"
    raise TypeError(message)


def link(previous: bytes, stream: str, sequence: int, values: dict[str, Any]) -> bytes:
    """Return the hash of an entry after `previous`."""
    head = previous + canonical({"sequence": sequence, "stream": stream})
    return hashlib.sha256(head + canonical(values)).digest()


def append(model: type[C], stream: str, entries: Iterable[dict[str, Any]], *, at: datetime) -> int:
    """Append entries to a stream inside the caller's transaction and return the last sequence number.

    Each entry holds the values of the model's columns except the chain's own. Costs a locked read of the head, one
    insert for all entries, and the head's update.
    """
    rows = list(entries)
    table = model.__table__  # type: ignore[attr-defined]
    head = _lock_head(table.name, stream) or _open_stream(table.name, stream, at=at)
    sequence, previous = head
    full = []
    for values in rows:
        sequence += 1
        previous = link(previous, stream, sequence, {name: values.get(name) for name in model.chained_columns})
        full.append({**values, "stream": stream, "sequence": sequence, "hash": previous})
    if full:
        run_core(insert(table), full)
        moved = {"sequence": sequence, "hash": previous, "updated_at": at}
        run_core(_MOVE_HEAD, {"of_table": table.name, "of_stream": stream, **moved})
    return sequence


def hold(model: type[Chained], stream: str, *, at: datetime) -> None:
    """Keep other writers of a stream out until the transaction ends; for those who must read before they append."""
    name = model.__table__.name  # type: ignore[attr-defined]
    if _lock_head(name, stream) is None:
        _open_stream(name, stream, at=at)


def _lock_head(table_name: str, stream: str) -> tuple[int, bytes] | None:
    row = run_core(_LOCK_HEAD, {"of_table": table_name, "of_stream": stream}).one_or_none()
    return None if row is None else (row.sequence, bytes(row.hash))


def _open_stream(table_name: str, stream: str, *, at: datetime) -> tuple[int, bytes]:
    """Begin a stream; when another process begins it at the same moment, wait for it and go on behind it."""
    mark = {"table_name": table_name, "stream": stream, "sequence": 0, "hash": GENESIS, "updated_at": at}
    db.session.execute(insert_into(_heads).values(mark).on_conflict_do_nothing())
    head = _lock_head(table_name, stream)
    if head is None:
        message = f"the stream {stream!r} of {table_name} could not be opened"
        raise RuntimeError(message)
    return head


def verify(model: type[Chained], *, stream: str | None = None) -> Verdict:
    """Walk every stream of a table (or one) and name the first bad entry."""
    table = model.__table__  # type: ignore[attr-defined]
    query = select(table).order_by(table.c.stream, table.c.sequence).execution_options(yield_per=2000)
    heads = select(ChainHead).where(ChainHead.table_name == table.name)
    if stream is not None:
        query = query.where(table.c.stream == stream)
        heads = heads.where(ChainHead.stream == stream)
    ends = {row.stream: (row.sequence, bytes(row.hash)) for row in db.session.scalars(heads)}
    reached: dict[str, tuple[int, bytes]] = {}
    checked = 0
    with db.session.execute(query) as result:
        for row in result.mappings():
            checked += 1
            sequence, previous = reached.get(row["stream"], (0, GENESIS))
            if row["sequence"] != sequence + 1:
                return Verdict(checked, Fault(row["stream"], sequence + 1, "缺少这一条记录"))
            values = {name: row[name] for name in model.chained_columns}
            expected = link(previous, row["stream"], row["sequence"], values)
            if expected != bytes(row["hash"]):
                return Verdict(checked, Fault(row["stream"], row["sequence"], "内容与指纹不符，记录被改动过"))
            reached[row["stream"]] = (row["sequence"], expected)
    return Verdict(checked, next(_cut_ends(ends, reached), None))


def _cut_ends(ends: dict[str, tuple[int, bytes]], reached: dict[str, tuple[int, bytes]]) -> Iterator[Fault]:
    """Compare where each stream should end with where it does."""
    for name in sorted(ends.keys() | reached.keys()):
        last = reached.get(name, (0, GENESIS))
        end = ends.get(name)
        if end is None:
            yield Fault(name, last[0], "找不到这一链的末端标记")
        elif end[0] > last[0]:
            yield Fault(name, last[0] + 1, "末尾的记录被删除")
        elif end != last:
            yield Fault(name, last[0], "末端标记与记录不符")
