"""The pages as their readers use them, and as others try to."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance.services import Mark
from lms.cohorts import services as cohorts
from lms.completion import services
from lms.completion.models import Candidate, CompletionRecord
from lms.core.db import db, transaction
from tests import factories
from tests.completion.conftest import AT, World, browser, make_world

STAFF = ("registrar", "administrator", "head_teacher", "instructor")
CLERKS = {"registrar", "administrator"}
READERS = CLERKS | {"head_teacher"}


def count(model: type[Candidate] | type[CompletionRecord]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def tick(world: World, client: FlaskClient, people: list[int], **data: str) -> tuple[int, str]:
    """Tick people in the list and press one of the two buttons."""
    chosen = [world.candidate(person_id).id for person_id in people]
    db.session.remove()
    answer = client.post(
        f"/cohorts/{world.cohort_id}/completion/review", data={"candidate": chosen, **data}, follow_redirects=True
    )
    return answer.status_code, answer.text


def test_a_clerk_goes_the_whole_way(world: World) -> None:
    there, absent = world.learner("王建国"), world.learner("李小妹", present=False)
    clerk = world.browser_of(world.clerk_id)
    address = f"/cohorts/{world.cohort_id}/completion"

    page = clerk.get(address).text
    assert "提名 1 人" in page
    assert "还差 1 项" in page
    assert "2.0 学时 / 1 小时 30 分" in page

    page = clerk.post(f"{address}/propose", follow_redirects=True).text
    assert "已提名 1 人" in page
    assert "1 人待审核" in page
    assert "没有新的学员满足结业条件" in clerk.post(f"{address}/propose", follow_redirects=True).text

    status, page = tick(world, clerk, [there], decision="approve")
    assert status == 200
    assert "1 人审核通过，可以签发" in page
    assert "签发 1 份" in page
    assert "http://localhost" in page  # where the codes will lead, since no address is set

    page = clerk.post(f"{address}/issue", follow_redirects=True).text
    assert "已签发 1 份结业记录" in page
    number = services.valid_numbers(**world.ids)[there]
    assert number in page

    listed = clerk.get("/completion/all/").text
    assert number in listed
    assert "2.0 学时 / 1 小时 30 分" in listed
    record = clerk.get(f"/completion/all/{number}").text
    assert "王建国" in record
    assert "其中面授" in record
    assert "其中线上" not in record
    pdf = clerk.get(f"/completion/all/{number}.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"] == f'inline; filename="{number}.pdf"'
    assert (
        "http://localhost/verify/"
        in services.find_record(organisation_id=world.organisation_id, number=number).payload["verify_url"]
    )
    assert absent not in services.valid_numbers(**world.ids)


def test_a_page_of_steps_that_cannot_be_taken(world: World) -> None:
    clerk = world.browser_of(world.clerk_id)
    address = f"/cohorts/{world.cohort_id}/completion"
    assert "班期里还没有学员" in clerk.get(address).text
    answer = clerk.post(f"{address}/issue")
    assert answer.status_code == 422
    assert "没有审核通过的学员" in answer.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"decision": "approve"},
        {"candidate": "1"},
        {"candidate": "1", "decision": "delete"},
        {"candidate": "²", "decision": "approve"},
        {"candidate": "-1", "decision": "approve"},
        {"candidate": "9" * 30, "decision": "approve"},
        {"candidate": "1 OR 1=1", "decision": "approve"},
    ],
)
def test_a_review_of_nothing(world: World, data: dict[str, str]) -> None:
    world.learner()
    world.propose()
    clerk = world.browser_of(world.clerk_id)
    answer = clerk.post(f"/cohorts/{world.cohort_id}/completion/review", data=data)
    assert answer.status_code == 422
    assert "请先勾选学员" in answer.text
    assert {one.status for one in services.candidates(**world.ids).values()} == {"proposed"}


def test_returning_needs_a_reason_and_shows_it(world: World) -> None:
    person_id = world.learner()
    world.propose()
    clerk = world.browser_of(world.clerk_id)
    assert tick(world, clerk, [person_id], decision="return")[0] == 422
    status, page = tick(world, clerk, [person_id], decision="return", note="  身份证照片不清  ")
    assert status == 200
    assert "曾退回：身份证照片不清" in page
    clerk.post(f"/cohorts/{world.cohort_id}/completion/propose")
    page = clerk.get(f"/cohorts/{world.cohort_id}/completion").text
    assert "待审核" in page
    assert "曾退回：身份证照片不清" in page


def test_all_at_once_also_when_some_are_approved_already(world: World) -> None:
    people = [world.learner(name) for name in ("王建国", "李小妹", "张立新")]
    world.propose()
    world.review(people[0])
    status, page = tick(world, world.browser_of(world.clerk_id), people, decision="approve")
    assert status == 200
    assert "2 人审核通过" in page


def test_a_candidate_of_another_cohort_is_not_reviewed_here(world: World) -> None:
    person_id = world.learner()
    world.propose()
    other = factories.cohort(organisation_id=world.organisation_id)
    clerk = world.browser_of(world.clerk_id)
    chosen = str(world.candidate(person_id).id)
    answer = clerk.post(f"/cohorts/{other}/completion/review", data={"candidate": chosen, "decision": "approve"})
    assert answer.status_code == 404
    assert world.candidate(person_id).status == "proposed"


def test_hours_lost_after_approval_are_named(world: World) -> None:
    """The page says who must be returned, and the issue stops for everybody until it is done."""
    first, _second = world.approved("王建国", "李小妹")
    world.mark(first, Mark.ABSENT, at=AT)
    clerk = world.browser_of(world.clerk_id)
    address = f"/cohorts/{world.cohort_id}/completion"
    assert "已不满足条件，请退回" in clerk.get(address).text
    answer = clerk.post(f"{address}/issue")
    assert answer.status_code == 409
    assert "王建国现在已不满足结业条件" in answer.text
    assert count(CompletionRecord) == 0
    assert tick(world, clerk, [first], decision="return", note="点名更正")[0] == 200
    assert "已签发 1 份" in clerk.post(f"{address}/issue", follow_redirects=True).text


def test_withdrawing_wants_reason_and_number(world: World) -> None:
    number = world.issued("王建国")
    clerk = world.browser_of(world.clerk_id)
    address = f"/completion/all/{number}"
    assert "撤销王建国的记录" in clerk.get(address).text
    for data, said in (
        ({"reason": "", "number": number}, "请写明撤销原因"),
        ({"reason": "姓名有误", "number": ""}, "请输入记录编号"),
        ({"reason": "姓名有误", "number": "AX-1"}, "编号不一致"),
    ):
        answer = clerk.post(f"{address}/revoke", data=data)
        assert answer.status_code == 422
        assert said in answer.text
        assert services.valid_numbers(**world.ids)
    typed = number.lower().replace("-", " ")
    page = clerk.post(f"{address}/revoke", data={"reason": "姓名有误", "number": typed}, follow_redirects=True).text
    assert "已撤销" in page
    assert "姓名有误" in page
    assert "撤销王建国的记录" not in page
    assert services.valid_numbers(**world.ids) == {}
    again = clerk.post(f"{address}/revoke", data={"reason": "x", "number": number})
    assert again.status_code == 409


def test_the_list_is_searched_by_name_and_number(world: World) -> None:
    world.approved("王建国", "李小妹")
    numbers = {
        services.find_record(organisation_id=world.organisation_id, number=one).person_id: one for one in world.issue()
    }
    wang, li = (numbers[person_id] for person_id in world.people)
    clerk = world.browser_of(world.clerk_id)
    for asked, found, other in (
        ("王建", wang, li),
        (li, li, wang),
        (li.lower().replace("-", ""), li, wang),
        (wang[3:8], wang, li),
    ):
        page = clerk.get("/completion/all/", query_string={"q": asked}).text
        assert found in page
        assert other not in page
    assert "没有找到" in clerk.get("/completion/all/?q=赵").text
    assert clerk.get("/completion/all/?sort=-number&page=9").status_code == 200
    assert "还没有签发过" in make_world(world.app).client("registrar").get("/completion/all/").text


# --- the learner


def test_why_not_yet(world: World) -> None:
    person_id = world.learner(present=False)
    page = world.browser_of(person_id).get("/completion/").text
    for said in (
        "为什么还没结业？",
        "共 1 项条件，已满足 0 项",
        "0.0 学时 / 0 分钟",
        "计划 2.0 学时的 100%，即 2.0 学时 / 1 小时 30 分",
        "还差 2.0 学时 / 1 小时 30 分",
        "未满足",
    ):
        assert said in page


def test_everything_met_and_then_issued(world: World) -> None:
    (person_id,) = world.approved()
    learner = world.browser_of(person_id)
    assert "教务审核后签发结业记录" in learner.get("/completion/").text
    (number,) = world.issue()
    page = learner.get("/completion/").text
    for said in ("已结业", number, "2.0 学时 / 1 小时 30 分", f"/verify/{number}", f"/completion/records/{number}.pdf"):
        assert said in page
    assert learner.get(f"/completion/records/{number}.pdf").status_code == 200
    world.revoke(number, reason="姓名有误")
    page = learner.get("/completion/").text
    assert "姓名有误" in page
    assert f"/completion/records/{number}.pdf" not in page


def test_a_learner_finds_the_record_after_the_cohort_is_over(world: World) -> None:
    number = world.issued()
    (person_id,) = world.people
    with transaction():
        cohorts.end_enrolment(
            organisation_id=world.organisation_id,
            enrolment_id=world.enrolments[person_id],
            reason="结业离班",
            at=AT,
            actor_id=world.clerk_id,
        )
    learner = world.browser_of(person_id)
    assert 'href="/completion/"' in learner.get("/me").text
    page = learner.get("/completion/").text
    assert number in page
    assert "还没有班期" not in page


def test_a_learner_without_a_cohort(world: World) -> None:
    person_id = factories.member(organisation_id=world.organisation_id)
    learner = world.browser_of(person_id)
    assert "还没有班期" in learner.get("/completion/").text
    assert learner.get("/").status_code == 200


def test_the_pdf_is_the_holder_s(world: World) -> None:
    number = world.issued()
    other = world.browser_of(world.learner("李小妹"))
    assert other.get(f"/completion/records/{number}.pdf").status_code == 404
    assert other.get(f"/completion/all/{number}.pdf").status_code == 403
    assert world.browser_of(world.people[0]).get("/completion/records/AX-NO.pdf").status_code == 404


# --- pieces on others' pages


def test_pieces_on_other_pages(world: World) -> None:
    ready, absent = world.learner("王建国"), world.learner("李小妹", present=False)
    world.propose()
    clerk, learner = world.browser_of(world.clerk_id), world.browser_of(absent)
    home = learner.get("/").text
    assert "共 1 项条件，已满足 0 项" in home
    assert "为什么还没结业" in home
    assert "查看进度" in world.browser_of(ready).get("/").text
    assert "结业待办" in clerk.get("/").text
    assert "待审核 1 人" in clerk.get(f"/cohorts/{world.cohort_id}").text
    page = clerk.get(f"/cohorts/{world.cohort_id}/learners/{absent}").text
    assert "还差什么，下一步" in page
    assert "去考核" not in page
    world.review(ready)
    (number,) = world.issue()
    assert number in clerk.get(f"/cohorts/{world.cohort_id}/learners/{ready}").text
    assert "结业记录已签发" in world.browser_of(ready).get("/").text
    assert "结业待办" not in clerk.get("/").text
    instructor = world.client("instructor")
    assert "结业待办" not in instructor.get("/").text


def test_who_receives_records_can_check_them_from_home(world: World) -> None:
    employer = factories.institution("中建某局有限公司", kind="employer")
    person_id = factories.member(organisation_id=employer, role="employer_clerk", name="吴秀英")
    home = factories.signed_in(browser(world.app), person_id).get("/").text
    assert 'href="/verify/">核验结业记录' in home
    assert "今天没有待办" not in home
    assert 'href="/verify/"' not in world.client("instructor").get("/").text


# --- who may what


@pytest.fixture
def paths(world: World) -> dict[tuple[str, str], set[str]]:
    """Every route that is not public, and the roles that may use it."""
    number = world.issued()
    cohort, record = f"/cohorts/{world.cohort_id}/completion", f"/completion/all/{number}"
    return {
        ("GET", "/completion/"): {"learner"},
        ("GET", f"/completion/records/{number}.pdf"): {"learner"},
        ("GET", cohort): READERS,
        ("GET", "/completion/all/"): READERS,
        ("GET", record): READERS,
        ("GET", f"{record}.pdf"): READERS,
        ("POST", f"{cohort}/propose"): READERS,
        ("POST", f"{cohort}/review"): CLERKS,
        ("POST", f"{cohort}/issue"): CLERKS,
        ("POST", f"{record}/revoke"): CLERKS,
    }


@pytest.mark.parametrize("role", [*STAFF, "learner"])
def test_permissions(world: World, paths: dict[tuple[str, str], set[str]], role: str) -> None:
    client = world.client(role)
    refused = {key: client.open(key[1], method=key[0]).status_code == 403 for key in paths}
    assert refused == {key: role not in roles for key, roles in paths.items()}
    assert services.verify_records().checked == 1  # nothing happened on the way


def test_nobody_is_asked_to_sign_in(world: World, paths: dict[tuple[str, str], set[str]], client: FlaskClient) -> None:
    for method, path in paths:
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.location) == (302, "/sign-in"), path


def test_another_institution_finds_nothing(world: World, paths: dict[tuple[str, str], set[str]]) -> None:
    stranger = make_world(world.app).client("administrator")
    before = count(Candidate)
    tenants = [key for key in paths if key[1] not in ("/completion/", "/completion/all/") and "records/" not in key[1]]
    assert len(tenants) == 7
    for method, path in tenants:
        data = {"candidate": "1", "decision": "approve", "reason": "x", "number": "x"}
        answer = stranger.open(path, method=method, data=data if method == "POST" else None)
        assert answer.status_code == 404, path
    assert count(Candidate) == before
    learner = factories.member(organisation_id=make_world(world.app).organisation_id)
    own = next(path for _, path in paths if "records/" in path)
    assert world.browser_of(learner).get(own).status_code == 404


def test_buttons_are_for_those_who_may(world: World) -> None:
    number = world.issued("王建国")
    world.approved("李小妹")
    address = f"/cohorts/{world.cohort_id}/completion"
    for role, may in (("head_teacher", False), ("administrator", True)):
        client = world.client(role)
        assert ("审核通过" in client.get(address).text) == may
        assert (f"{address}/issue" in client.get(address).text) == may
        assert ("撤销这份记录" in client.get(f"/completion/all/{number}").text) == may
