"""The yardstick: a bare Flask application with the two routes that our pages and writes are measured against.

R: session cookie, one indexed SELECT through SQLAlchemy, a Jinja page of 20 KB. W: session cookie, one SELECT, one
committed INSERT. Served by the same server, on the same database engine, with the same durability as the product.
"""

import os
from datetime import UTC, datetime

from flask import Flask, jsonify, render_template_string, session
from sqlalchemy import ForeignKey, String, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Base of the two tables."""


class Reader(Base):
    """Somebody who reads; looked up by an indexed name."""

    __tablename__ = "reader"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Mark(Base):
    """What W inserts."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id"))
    text: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


PAGE = (
    "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><title>{{ name }}</title></head><body>"
    "<h1>{{ name }}</h1>{% for number in range(64) %}<p>{{ number }} {{ text }}</p>{% endfor %}</body></html>"
)
TEXT = "工资专用账户里的钱只能用来发工资；总包按月把人工费足额拨进去，由总包代发到工人本人的银行卡。" * 2


def create() -> Flask:
    """Build the application; its database comes from BENCH_REFERENCE_URL."""
    url = os.environ["BENCH_REFERENCE_URL"]
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30} if "sqlite" in url else {})
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def configure(connection: object, _entry: object) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
                connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    app = Flask(__name__)
    app.secret_key = "reference"  # noqa: S105  (guards nothing)

    @app.get("/setup")
    def setup() -> str:
        Base.metadata.create_all(engine)
        with Session(engine) as db:
            if db.scalar(select(Reader.id)) is None:
                db.add_all(Reader(name=f"reader-{number}") for number in range(200))
                db.commit()
        return "ready"

    @app.get("/sign-in/<name>")
    def sign_in(name: str) -> str:
        session["name"] = name
        return name

    @app.get("/r")
    def read() -> str:
        with Session(engine) as db:
            reader = db.scalars(select(Reader).where(Reader.name == session["name"])).one()
            return render_template_string(PAGE, name=reader.name, text=TEXT)

    @app.post("/w")
    def write() -> object:
        with Session(engine) as db:
            reader = db.scalars(select(Reader).where(Reader.name == session["name"])).one()
            db.add(Mark(reader_id=reader.id, text="beat", at=datetime.now(UTC).replace(tzinfo=None)))
            db.commit()
        return jsonify(saved=True)

    return app


app = create() if "BENCH_REFERENCE_URL" in os.environ else None
