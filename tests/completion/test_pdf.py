"""The printed record: one page, readable by people and machines, or nothing is issued."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import segno

from lms.completion import services
from lms.completion.models import CompletionRecord
from lms.completion.typesetting import TypesettingFailed, typeset
from lms.core.db import db
from lms.core.errors import Invalid
from tests.completion.conftest import BASE, World
from tests.conftest import missing

A4 = "595.276 x 841.89"


def tool(*arguments: str | Path) -> str:
    """Run a command of poppler or qpdf and return what it says."""
    if shutil.which(str(arguments[0])) is None:
        missing(str(arguments[0]))
    done = subprocess.run([str(part) for part in arguments], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def words(path: Path) -> str:
    """The text of a PDF without the spaces that layout puts between Chinese and Latin letters."""
    return re.sub(r"\s|\u200b", "", tool("pdftotext", path, "-"))


def payload(name: str = "王建国", *, base: str = BASE, **parts: dict[str, Any]) -> dict[str, Any]:
    lengths = {"planned": ("12.0", "9 小时"), "attended": ("11.7", "8 小时 48 分")}
    lengths |= {"onsite": ("10.4", "7 小时 48 分"), "online": ("1.3", "1 小时")}
    made: dict[str, Any] = {
        "number": "AX-2345-6789-ABCD-EFGH",
        "issuer": {"name": "武汉安薪职业培训学校", "uscc": "52420100MJH012345X"},
        "holder": {"name": name, "masked_name": "王*国", "id_masked": "420***********123X"},
        "course": {"name": "劳资专管员专题班"},
        "cohort": {
            "name": "2026年第3期专题班",
            "mode_text": "脱产",
            "starts_on": "2026-10-12",
            "ends_on": "2026-10-15",
            "place": "武汉市江夏区庙山大道9号",
            "target_text": "劳动关系协调师四级（中级工）",
        },
        "hours": {f"{key}_credit_hours": both[0] for key, both in lengths.items()}
        | {f"{key}_clock": both[1] for key, both in lengths.items()},
        "result": {"final_text": "90 分（合格线 60 分）"},
        "issued_on": "2026-11-21",
        "issued_at": "2026-11-21T01:00:00+00:00",
        "verify_url": f"{base}/verify/AX-2345-6789-ABCD-EFGH",
    }
    return made | {part: made[part] | values for part, values in parts.items()}


def set_in(folder: Path, made: dict[str, Any]) -> Path:
    path = folder / "record.pdf"
    path.write_bytes(typeset([made])[0])
    return path


@pytest.fixture
def issued(world: World, tmp_path: Path) -> tuple[str, Path]:
    """A real record and its PDF in a file."""
    number = world.issued("欧阳建国", real_pdf=True)
    path = tmp_path / f"{number}.pdf"
    path.write_bytes(services.read_pdf(number=number, organisation_id=world.organisation_id))
    return number, path


def test_one_sound_a4_page(issued: tuple[str, Path]) -> None:
    _number, path = issued
    facts = tool("pdfinfo", path)
    assert re.search(r"Pages:\s+1\n", facts)
    assert A4 in facts
    assert "Title:           结业记录 AX-" in facts
    assert "No syntax or stream encoding errors found" in tool("qpdf", "--check", path)
    fonts = tool("pdffonts", path).splitlines()[2:]
    assert fonts
    assert all("yes yes yes" in line for line in fonts)  # embedded, subset, with a way back to text
    assert b"pdfaid" in path.read_bytes()


def test_the_page_says_what_the_check_says(world: World, issued: tuple[str, Path]) -> None:
    number, path = issued
    printed = words(path)
    page = world.app.test_client().get(f"/verify/{number}").text
    facts = page[page.index("answer-number") : page.index("状态时间")]
    shown = re.findall(r"<(?:dd|strong[^>]*)>(.*?)</(?:dd|strong)>", facts)
    plain = [re.sub(r"<[^>]+>|\s", "", text) for text in shown]
    figures = [figure for text in plain for figure in re.findall(r"[0-9][0-9.\-]*", text)]
    assert len(figures) > 15
    assert [figure for figure in figures if figure not in printed] == []
    assert number in printed
    assert f"{BASE}/verify/{number}" in printed
    for said in (
        "欧阳建国",
        "2.0学时/1小时30分",
        "0.0学时/0分钟",
        "劳动关系协调师四级（中级工）",
        "不是职业技能等级证书",
    ):
        assert said in printed


def test_the_same_payload_gives_the_same_bytes() -> None:
    assert typeset([payload()]) == typeset([payload()])


def test_a_batch_comes_back_in_order(tmp_path: Path) -> None:
    names = ["王建国", "李小妹", "阿依古丽·买买提"]
    pdfs = typeset([payload(name) for name in names])
    for name, pdf in zip(names, pdfs, strict=True):
        path = tmp_path / "one.pdf"
        path.write_bytes(pdf)
        assert name in words(path)
    assert typeset([]) == []


def uncompressed(path: Path) -> bytes:
    """The PDF's objects in the open."""
    plain = path.with_suffix(".plain.pdf")
    tool("qpdf", "--qdf", "--object-streams=disable", path, plain)
    return plain.read_bytes()


def grey(path: Path, dots: int) -> list[bytes]:
    """The page as rows of grey bytes."""
    raw = subprocess.run(
        ["pdftoppm", "-gray", "-r", str(dots), path], capture_output=True, check=True, timeout=60
    ).stdout
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
    assert head
    width = int(head[1])
    body = raw[head.end() :]
    return [body[start : start + width] for start in range(0, len(body), width)]


def read_modules(path: Path, size: int) -> list[list[int]]:
    """Find the QR code on the printed page (the only dark square in its lower right) and read its modules."""
    rows = grey(path, 300)
    lower = [row[len(row) // 2 : -200] for row in rows[len(rows) * 6 // 10 : len(rows) * 93 // 100]]
    dark = [y for y, row in enumerate(lower) if sum(value < 128 for value in row) > 60]
    first = dark[0]
    # the finder pattern's top edge: the first long dark run
    left = next(x for x in range(len(lower[first])) if all(value < 128 for value in lower[first + 2][x : x + 20]))
    right = max(x for x, value in enumerate(lower[first + 2]) if value < 128)
    step = (right - left + 1) / size
    return [
        [int(lower[int(first + (y + 0.5) * step)][int(left + (x + 0.5) * step)] < 128) for x in range(size)]
        for y in range(size)
    ]


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8000", "https://training-records.wuhan.example.gov.cn:8443"])
def test_the_code_leads_to_the_check(tmp_path: Path, base: str) -> None:
    made = payload(base=base)
    path = set_in(tmp_path, made)
    wanted = [[int(dot) for dot in row] for row in segno.make(made["verify_url"], error="m").matrix]
    assert read_modules(path, len(wanted)) == wanted
    if shutil.which("zbarimg"):
        picture = tmp_path / "page"
        subprocess.run(["pdftoppm", "-png", "-singlefile", "-r", "200", path, picture], check=True, timeout=60)
        assert tool("zbarimg", "--quiet", "--raw", picture.with_suffix(".png")).strip() == made["verify_url"]


@pytest.mark.parametrize("name", ["王㛃", "王𬭊", "王䶮", "王㙍", "翀喆", "阿依古丽·买买提", "Müller·José"])
def test_rare_names_are_printed(tmp_path: Path, name: str) -> None:
    assert name.replace(" ", "") in words(set_in(tmp_path, payload(name)))


def test_a_character_that_no_font_has_stops_the_issue(world: World) -> None:
    """Nothing is saved, for nobody, and the clerk reads whose name it is and what to do."""
    world.approved("王建国", "王𠮷")
    clerk = world.browser_of(world.clerk_id)
    answer = clerk.post(f"/cohorts/{world.cohort_id}/completion/issue")
    assert answer.status_code == 422
    for said in ("王𠮷", "字库没有的字“𠮷”", "没有签发任何记录", "LMS_FONT_PATH", "退回这位学员"):
        assert said in answer.text
    assert "Noto" not in answer.text
    db.session.rollback()
    assert db.session.query(CompletionRecord).count() == 0
    with pytest.raises(Invalid, match="王𠮷"):
        typeset([payload("王建国"), payload("王𠮷") | {"number": "AX-3"}])


def test_a_template_that_fails_is_no_fault_of_the_clerk(caplog: pytest.LogCaptureFixture) -> None:
    broken = payload()
    del broken["cohort"]["place"]
    with pytest.raises(TypesettingFailed, match="没有签发任何记录") as failed:
        typeset([broken])
    assert failed.value.status == 500
    with pytest.raises(TypesettingFailed, match="没有签发"):
        typeset([{"nothing": 1}])


LONG_URL = "https://training-records.labour-relations.human-resources.wuhan-development-zone.hubei.example.gov.cn:8443"


@pytest.mark.parametrize(
    "made",
    [
        payload(
            "阿卜杜热依木江·买买提伊布拉音·阿不都克里木·吐尔逊江·麦麦提艾力"[:40],
            base=LONG_URL,
            issuer={"name": "湖北省工程建设领域农民工工资支付保障职业技能培训中心" * 4},
            course={"name": "课" * 80},
            cohort={"name": "工程建设领域劳资专管员岗位能力提升班" * 4, "place": "湖北省武汉市江夏区庙山街道" * 9},
            hours={"attended_credit_hours": "1600.0", "attended_clock": "1200 小时 59 分"},
        ),
        payload("A" * 40, course={"name": "x" * 80}, cohort={"name": "y" * 80, "place": "z" * 120}),
        payload("W" * 40, issuer={"name": "M" * 120}, base="https://" + "m" * 60 + ".cn"),
    ],
    ids=["chinese", "latin", "unbroken"],
)
def test_the_longest_names_leave_it_one_page(tmp_path: Path, made: dict[str, Any]) -> None:
    path = set_in(tmp_path, made)
    assert re.search(r"Pages:\s+1\n", tool("pdfinfo", path))
    printed = words(path)
    for said in (made["holder"]["name"], made["course"]["name"], made["cohort"]["place"], made["issuer"]["name"]):
        assert said in printed
    assert made["verify_url"].replace("-", "") in printed.replace("-", "")  # a break after a hyphen hides it
    assert f"({made['verify_url']})".encode() in uncompressed(path)
    for row in grey(path, 40):
        assert min(row[:14]) > 200, "ink in the left margin"
        assert min(row[-14:]) > 200, "ink in the right margin"
