"""Signing in to a class: the code, its window, who may use it, and pressing twice."""

import re
import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance import services
from lms.attendance.models import PresenceAct
from lms.attendance.rules import Act, Witness
from lms.core.db import db, transaction
from lms.core.errors import Conflict, LmsError, NotFound, TooMany
from tests import factories
from tests.attendance.conftest import ENTERED, START, Place, clock, make_place, signed_in


def acts(place: Place) -> list[tuple[str, str]]:
    with place.inside():
        rows = db.session.execute(select(PresenceAct.act, PresenceAct.witness).order_by(PresenceAct.id))
        return [(act, witness) for act, witness in rows]


def code_of(place: Place, at: datetime) -> str:
    with place.inside():
        return services.code_now(session_id=place.session_id, at=at)


def wrong_code(place: Place) -> str:
    """Six digits that are not the class's at any moment of these tests."""
    with place.inside():
        moments = (clock("08:00") + timedelta(seconds=second) for second in range(0, 9000, 15))
        good = {services.code_now(session_id=place.session_id, at=moment) for moment in moments}
    return next(f"{number:06d}" for number in range(999999) if f"{number:06d}" not in good)


def by_code(place: Place, code: str, at: object, **given: object) -> services.SignResult | services.WrongCode:
    asked = {"session_id": place.session_id, "person_id": place.person_id, "wanted": None} | given
    with place.inside(), transaction():
        return services.sign_by_code(organisation_id=place.organisation_id, code=code, at=at, **asked)  # type: ignore[arg-type]


def test_a_code_holds_in_its_own_window_and_the_next(place: Place) -> None:
    shown = clock("09:00")
    code = code_of(place, shown)
    assert isinstance(by_code(place, code, shown + timedelta(seconds=30)), services.WrongCode)
    result = by_code(place, code, shown + timedelta(seconds=29))
    assert isinstance(result, services.SignResult)
    assert result.act is Act.CHECK_IN


def test_a_code_of_another_class_is_wrong(place: Place) -> None:
    with place.inside():
        other = make_place()
    code = code_of(other, clock("09:00"))
    assert code != code_of(place, clock("09:00"))
    assert isinstance(by_code(place, code, clock("09:00")), services.WrongCode)
    assert acts(place) == []


def test_ten_wrong_codes_lock_the_person_at_this_class_for_five_minutes(place: Place) -> None:
    bad = wrong_code(place)
    for number in range(10):
        wrong = by_code(place, bad, clock("08:40") + timedelta(seconds=number))
        assert isinstance(wrong, services.WrongCode)
        assert wrong.left == 9 - number
    at = clock("08:41")
    good = code_of(place, at)
    with pytest.raises(TooMany, match="4 分钟后再试"):
        by_code(place, good, at)
    later = clock("08:45")
    result = by_code(place, code_of(place, later), later)
    assert isinstance(result, services.SignResult)


def test_when_sign_in_is_open(place: Place) -> None:
    with pytest.raises(Conflict, match="还没到签到时间"):
        place.sign(clock("07:59:59"))
    place.sign(clock("08:00"))
    with pytest.raises(Conflict, match="08:30 上课后开始计时"):
        place.sign(clock("08:10"), wanted=Act.CHECK_OUT)
    place.sign(clock("10:25"), wanted=Act.CHECK_OUT)
    with pytest.raises(Conflict, match="已经结束"):
        place.sign(clock("10:30"), wanted=Act.CHECK_IN)
    with pytest.raises(Conflict, match="签到已关闭"):
        place.sign(clock("10:30:01"), wanted=Act.CHECK_IN)
    assert place.hours(clock("11:00")).total_seconds == 5400


def test_an_early_scan_counts_from_the_start(place: Place) -> None:
    place.sign(clock("08:20"))
    place.sign(clock("09:00"))
    assert place.hours(clock("11:00")).total_seconds == 1800


def test_twenty_minutes_late_and_ten_early_of_ninety_are_sixty(place: Place) -> None:
    place.sign(clock("08:50"))
    place.sign(clock("09:50"))
    assert place.hours(clock("11:00")).total_seconds == 3600


def test_a_break_in_the_middle_is_not_counted(place: Place) -> None:
    for moment in ("08:25", "09:00", "09:20", "10:05"):
        place.sign(clock(moment))
    assert place.hours(clock("11:00")).total_seconds == (30 + 40) * 60


def test_pressing_or_scanning_twice_is_one_act(place: Place) -> None:
    first = place.sign(clock("08:40"), wanted=Act.CHECK_IN)
    again = place.sign(clock("08:40:01"), wanted=Act.CHECK_IN)
    by_mistake = place.sign(clock("08:40:30"))
    assert (first.is_new, again.is_new, by_mistake.is_new) == (True, False, False)
    assert first.at == again.at == by_mistake.at
    assert acts(place) == [("check_in", "learner_code")]


def test_only_learners_of_the_cohort_can_sign(place: Place) -> None:
    with place.inside():
        other = make_place()
    with pytest.raises(NotFound):
        place.sign(clock("08:40"), person_id=other.person_id)
    with place.inside():
        stranger = factories.member(organisation_id=place.organisation_id, name="赵外人", at=ENTERED)
    with pytest.raises(NotFound, match="不在您的班期课表里"):
        place.sign(clock("08:40"), person_id=stranger)


@pytest.mark.usefixtures("context")
def test_the_token_is_bound_to_its_class_and_cannot_be_made_up(place: Place) -> None:
    token = services.token_now(session_id=place.session_id, at=clock("09:00"))
    assert len(token) == 27
    found = services.read_token(token=token)
    assert found is not None
    assert found.session_id == place.session_id
    assert services.is_fresh(token=found, at=clock("09:00:29"))
    assert not services.is_fresh(token=found, at=clock("09:00:30"))
    assert not services.is_fresh(token=found, at=clock("08:59:59"))
    for broken in (token[:-1], "B" + token[1:], token[:-3] + "___", "", "非", token + "AAAA"):
        assert services.read_token(token=broken) is None


def shown(place: Place) -> str:
    """The address in the QR code at 09:00."""
    with place.inside():
        return "/check-in/" + services.token_now(session_id=place.session_id, at=clock("09:00"))


def test_scan_press_and_the_poster(place: Place, learner: FlaskClient) -> None:
    address = shown(place)
    with time_machine.travel(clock("09:00:20"), tick=False):
        page = learner.get(address, follow_redirects=True)
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert re.findall(r"<button[^>]*sign-button[^>]*>([^<]*)", text) == ["签到"]
        assert text.count("<h1") == 1, "the class is the heading, not the bar"
        assert 'name="code"' not in text, "after a scan there is nothing to type"
    with time_machine.travel(clock("09:02"), tick=False):
        done = learner.post(page.request.path, data={"act": "check_in"}, follow_redirects=True)
        assert "签到成功 09:02" in done.get_data(as_text=True)
        assert "最多可记 58 分钟" in done.get_data(as_text=True)
        again = learner.post(page.request.path, data={"act": "check_in"}, follow_redirects=True)
        assert "签到成功 09:02" in again.get_data(as_text=True)
    assert acts(place) == [("check_in", "learner_qr")]


def test_who_comes_late_is_told_what_can_still_be_credited(place: Place, learner: FlaskClient) -> None:
    page = f"/check-in/class/{place.session_id}"
    place.sign(clock("08:46"))
    with time_machine.travel(clock("09:00"), tick=False):
        poster = learner.get(f"{page}/done").get_data(as_text=True)
        assert "签到成功 08:46" in poster
        assert "最多可记 74 分钟" in poster
        assert "本节 90 分钟" not in poster
        assert "现在签退只记 14 分钟；10:00 下课后签退最多可记 74 分钟。" in learner.get(page).get_data(as_text=True)
    with time_machine.travel(clock("10:05"), tick=False):
        assert "现在签退只记" not in learner.get(page).get_data(as_text=True)


def test_who_is_in_time_can_have_it_all(place: Place, learner: FlaskClient) -> None:
    page = f"/check-in/class/{place.session_id}"
    place.sign(clock("08:20"))
    with time_machine.travel(clock("09:00"), tick=False):
        assert "本节 90 分钟" in learner.get(f"{page}/done").get_data(as_text=True)
        assert "10:00 下课后签退记满 90 分钟。" in learner.get(page).get_data(as_text=True)


def test_an_old_qr_code_says_what_to_do(place: Place, learner: FlaskClient) -> None:
    address = shown(place)
    with time_machine.travel(clock("09:00:45"), tick=False):
        page = learner.get(address, follow_redirects=True)
        assert "签到码已更新，请重新扫码" in page.get_data(as_text=True)
        pressed = learner.post(page.request.path, data={"act": "check_in"})
        assert pressed.status_code == 422
    assert acts(place) == []


def test_a_scan_is_good_for_five_minutes_in_this_browser_only(app: Flask, place: Place, learner: FlaskClient) -> None:
    address = shown(place)
    with time_machine.travel(clock("09:00:05"), tick=False):
        page = learner.get(address, follow_redirects=True).request.path
    with place.inside():
        friend_id, _ = factories.enrolled_learner(
            organisation_id=place.organisation_id, cohort_id=place.cohort_id, name="李朋友", at=ENTERED
        )
    friend = signed_in(app, friend_id)
    with time_machine.travel(clock("09:01"), tick=False):
        assert friend.post(page, data={"act": "check_in"}).status_code == 422
    with time_machine.travel(clock("09:05:06"), tick=False):
        late = learner.post(page, data={"act": "check_in"})
        assert late.status_code == 422
        assert "请重新扫码" in late.get_data(as_text=True)
    assert acts(place) == []


def test_a_scan_before_signing_in_to_the_site_is_kept(app: Flask, place: Place) -> None:
    phone = app.test_client()
    with time_machine.travel(clock("09:00:10"), tick=False):
        sent = phone.get(shown(place))
        assert sent.status_code == 302
        waiting = phone.get(sent.location)
        assert waiting.status_code == 302
        assert "/sign-in" in waiting.location
        with phone.session_transaction() as session:
            assert session["next"] == sent.location
    with time_machine.travel(clock("09:02"), tick=False):
        with app.app_context():
            factories.signed_in(phone, place.person_id)
        assert phone.post(sent.location, data={"act": "check_in"}).status_code == 302
    assert acts(place) == [("check_in", "learner_qr")]


def test_typing_the_code(place: Place, learner: FlaskClient) -> None:
    with time_machine.travel(clock("09:02"), tick=False):
        found = learner.get("/check-in")
        assert found.status_code == 302
        assert 'name="code"' in learner.get(found.location).get_data(as_text=True)
        slip = learner.post(found.location, data={"act": "check_in", "code": "12345"})
        assert "六位数字" in slip.get_data(as_text=True)
        wrong = learner.post(found.location, data={"act": "check_in", "code": wrong_code(place)})
        assert wrong.status_code == 422
        assert "签到码不对或已更新" in wrong.get_data(as_text=True)
        code = code_of(place, clock("09:02"))
        spaced = f"{code[:3]} {code[3:]}"
        done = learner.post(found.location, data={"act": "check_in", "code": spaced}, follow_redirects=True)
        assert "签到成功 09:02" in done.get_data(as_text=True)
        again = learner.post(found.location, data={"act": "check_in", "code": spaced}, follow_redirects=True)
        assert "签到成功 09:02" in again.get_data(as_text=True)
    with time_machine.travel(clock("09:32"), tick=False):
        assert "已上 30 分" in learner.get(found.location).get_data(as_text=True)
    with time_machine.travel(clock("10:03"), tick=False):
        code = code_of(place, clock("10:03"))
        out = learner.post(found.location, data={"act": "check_out", "code": code}, follow_redirects=True)
        assert "签退成功 10:03" in out.get_data(as_text=True)
        assert "本节记 58 分钟" in out.get_data(as_text=True)
    assert acts(place) == [("check_in", "learner_code"), ("check_out", "learner_code")]


def test_nothing_to_sign_in_to(place: Place, learner: FlaskClient) -> None:
    with time_machine.travel(clock("15:00"), tick=False):
        assert "现在没有可以签到的课" in learner.get("/check-in").get_data(as_text=True)
        closed = learner.get(f"/check-in/class/{place.session_id}").get_data(as_text=True)
        assert "签到已关闭" in closed
        assert "03月03日 10:00 前找老师点名" in closed
    with time_machine.travel(clock("10:01", days=1), tick=False):
        closed = learner.get(f"/check-in/class/{place.session_id}").get_data(as_text=True)
        assert "签到和点名都已关闭" in closed
        assert "纸质签到表" in closed
        assert "找老师点名" not in closed


def test_two_classes_back_to_back_are_a_choice(place: Place, learner: FlaskClient) -> None:
    with place.inside():
        factories.class_session(
            organisation_id=place.organisation_id,
            cohort_id=place.cohort_id,
            starts_at=START + timedelta(minutes=105),
            at=ENTERED,
        )
    with time_machine.travel(clock("10:05"), tick=False):
        text = learner.get("/check-in").get_data(as_text=True)
    assert text.count("/check-in/class/") == 2


def test_the_phones_clock_means_nothing(place: Place, learner: FlaskClient) -> None:
    """A phone may say what it likes: no field, header or cookie of a request carries a time that counts."""
    code = code_of(place, clock("09:10"))
    with time_machine.travel(clock("09:10"), tick=False):
        learner.post(
            f"/check-in/class/{place.session_id}",
            data={"act": "check_in", "code": code, "at": "2026-03-02T08:30:00+08:00", "minutes": "90"},
            headers={"Date": "Mon, 02 Mar 2026 00:30:00 GMT"},
        )
    with place.inside():
        assert db.session.scalar(select(PresenceAct.at)) == clock("09:10")


def test_pressing_twice_at_the_same_moment(place: Place) -> None:
    gate = threading.Barrier(4)
    found: list[services.SignResult | LmsError] = []

    def press() -> None:
        gate.wait()
        try:
            found.append(place.sign(clock("08:40"), wanted=Act.CHECK_IN, witness=Witness.LEARNER_QR))
        except LmsError as error:
            found.append(error)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    results = [result for result in found if isinstance(result, services.SignResult)]
    assert len(results) == 4
    assert sorted(result.is_new for result in results) == [False, False, False, True]
    assert acts(place) == [("check_in", "learner_qr")]
    with place.inside():
        assert services.verify_ledger().ok
