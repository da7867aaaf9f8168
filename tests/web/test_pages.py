"""What every page is made of: formats, parts, assets, layout."""

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import render_template_string

import lms.web
from lms.core.plugin import Part, Plugin, build_registry
from lms.web import formats
from lms.web.assets import YEAR
from lms.web.parts import render_parts
from tests.web.conftest import Trial

STATIC = Path(lms.web.__file__).parent / "static"


# --- formats


@pytest.mark.parametrize(
    "value,said",
    [
        (None, "—"),
        (date(2026, 3, 2), "2026-03-02（周一）"),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), "2026-03-02（周一）"),
        (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), "2026-03-01（周日）"),
    ],
)
def test_dates_are_china_s(value: date | datetime | None, said: str) -> None:
    assert formats.date_text(value) == said


def test_times_are_china_s() -> None:
    moment = datetime(2026, 3, 2, 1, 2, tzinfo=UTC)
    assert formats.time_text(moment) == "09:02"
    assert formats.moment_text(moment) == "2026-03-02 09:02"
    assert formats.time_text(None) == formats.moment_text(None) == "—"


@pytest.mark.parametrize(
    "seconds,said",
    [
        (0, "0.0 学时 / 0 分钟"),
        (59, "0.0 学时 / 59 秒"),
        (269, "0.0 学时 / 4 分"),
        (270, "0.1 学时 / 4 分"),
        (2700, "1.0 学时 / 45 分"),
        (3600, "1.3 学时 / 1 小时"),
        (8100, "3.0 学时 / 2 小时 15 分"),
        (360_000, "133.3 学时 / 100 小时"),
    ],
)
def test_both_readings_of_a_length(seconds: int, said: str) -> None:
    assert formats.hours_text(seconds) == said


def test_formats_are_filters(trial: Trial) -> None:
    with trial.app.test_request_context("/"):
        text = "{{ 8100 | hours_text }}|{{ 8100 | credit_hours }}|{{ 8100 | duration }}|{{ none | moment_text }}"
        assert render_template_string(text) == "3.0 学时 / 2 小时 15 分|3.0|2 小时 15 分|—"


# --- parts


def test_parts_stand_in_order_and_get_what_the_slot_gives(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = Plugin(
        name="trials",
        title="试",
        parts=(
            Part(slot="here", render=lambda word, **_: f"<b>{word}</b>", order=20),
            Part(slot="here", render=lambda **_: "<i>first</i>", order=10),
            Part(slot="here", render=lambda **_: "", order=15),
            Part(slot="elsewhere", render=lambda **_: "no", order=1),
        ),
    )
    monkeypatch.setitem(trial.app.extensions, "lms_registry", build_registry([plugin]))
    with trial.app.test_request_context("/"):
        assert render_parts("here", word="x") == "<i>first</i><b>x</b>"
        assert render_template_string("{{ parts('here', word='x') }}") == "<i>first</i><b>x</b>"
        assert render_template_string("[{{ parts('nobody.fills.this') }}]") == "[]"


# --- assets


def test_an_asset_carries_its_fingerprint(trial: Trial) -> None:
    with trial.app.test_request_context("/"):
        address = render_template_string("{{ asset('web', 'theme.css') }}")
    digest = hashlib.sha256((STATIC / "theme.css").read_bytes()).hexdigest()[:12]
    assert address == f"/static/web/theme.css?v={digest}"
    with trial.client().get(address) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == f"public, max-age={YEAR}"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_address_in_a_page_answers(trial: Trial) -> None:
    client = trial.client("registrar")
    page = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/[^"]*(?:static|bootstrap)[^"]*)"', page)
    assert len(addresses) >= 5
    for address in addresses:
        assert "?v=" in address
        with client.get(address) as answer:
            assert answer.status_code == 200, address


def test_a_file_that_is_not_there_is_not_remembered(trial: Trial) -> None:
    for address in ("/static/web/nothing.css", "/static/web/../host.py", "/static/web/%2e%2e/host.py"):
        answer = trial.client().get(address)
        assert answer.status_code == 404, address
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_asset_that_does_not_exist_is_a_fault_of_the_template(trial: Trial) -> None:
    with trial.app.test_request_context("/"), pytest.raises(FileNotFoundError):
        render_template_string("{{ asset('web', 'nothing.css') }}")


# --- layout

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("role,path", [("", "/sign-in"), ("", "/verify/"), ("learner", "/"), ("registrar", "/")])
def test_a_page_is_chinese_and_has_nothing_inline(trial: Trial, role: str, path: str) -> None:
    page = trial.client(role).get(path).text
    assert page.startswith("<!doctype html>")
    assert '<html lang="zh-CN">' in page
    assert "width=device-width" in page
    assert 'href="#main"' in page
    assert page.count('<main id="main"') == 1
    assert not INLINE.search(page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)  # nothing comes from anywhere else


def test_each_frame_has_its_menu(trial: Trial) -> None:
    learner, staff = trial.client("learner").get("/").text, trial.client("registrar").get("/").text
    assert 'class="bottom-bar"' in learner
    assert 'class="bottom-bar"' not in staff
    assert 'id="side"' in staff
    assert 'id="side"' not in learner
    assert 'href="/completion/all/"' in staff  # only what the reader may use
    assert 'href="/completion/all/"' not in learner
    assert learner.count('aria-current="page"') == 1


def test_messages_are_said_by_mark_and_word(trial: Trial) -> None:
    client = trial.client()
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "好了"), ("error", "<b>不行</b>"), ("warning", "小心"), ("odd", "说明")]
    page = client.get("/verify/").text
    for kind, mark, said in (
        ("success", "✓", "好了"),
        ("danger", "✕", "&lt;b&gt;不行&lt;/b&gt;"),
        ("warning", "!", "小心"),
        ("info", "i", "说明"),
    ):
        assert re.search(rf'alert-{kind}"><span aria-hidden="true">{re.escape(mark)}</span> {re.escape(said)}<', page)
    assert "好了" not in client.get("/verify/").text


# --- health


def test_health_and_metrics(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    client = trial.client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}
    assert client.get("/favicon.ico").status_code == 204
    assert b"lms_requests_total" in client.get("/metrics").data
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404
