"""The Excel files: read back, every formula evaluated by a reader of its own, the same bytes each time."""

import json
import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lms.core import clock
from lms.courses.cli import courses_group
from lms.courses.content import default_root, read_content
from lms.courses.content.form_files import load_forms
from lms.courses.content.forms import FormSource, round_half_up
from lms.courses.content.workbooks import EMPTY_ROWS, SourceLine, write_form
from tests.courses.conftest import Folder, House
from tests.courses.form_texts import DOCUMENT, TABLE
from tests.courses.test_forms import SHEET, forms, shown  # noqa: F401  (fixtures)

LINES = [SourceLine("保障农民工工资支付条例", "国务院令第724号", "第26条", "总包开设农民工工资专用账户。")]


def made(folder: Path, text: str) -> FormSource:
    (folder / "forms").mkdir(exist_ok=True)
    (folder / "forms" / "form.toml").write_text(text, "utf-8")
    return next(iter(load_forms(folder).values()))


def opened(data: bytes, *, values: bool = False) -> Workbook:
    return load_workbook(BytesIO(data), data_only=values)


def row_of(page: Worksheet, text: str) -> int:
    return next(row for row in range(1, page.max_row + 1) if page.cell(row, 1).value == text)


# ---- a small Excel: just enough to say what a formula gives

_CALL = re.compile(r"(COUNTA|COUNT|SUM)\(([A-Z]+\d+(?::[A-Z]+\d+)?(?:,[A-Z]+\d+(?::[A-Z]+\d+)?)*)\)")


class Excel:
    """Evaluates the formulas of a sheet from its own inputs, never from cached values."""

    def __init__(self, page: Worksheet) -> None:
        self.page = page

    def value(self, address: str) -> object:
        cell = self.page[address]
        return self.formula(str(cell.value)[1:]) if cell.data_type == "f" else cell.value

    def formula(self, text: str) -> object:
        whole = re.fullmatch(r'IF\((.+?)=0,"",(.+)\)', text)
        assert whole, text
        if self.number(whole[1]) == 0:
            return ""
        inner = re.fullmatch(r'IFERROR\((.+),""\)', whole[2])
        try:
            return self.number(inner[1] if inner else whole[2])
        except ZeroDivisionError:
            assert inner, f"{text} shows #DIV/0!"
            return ""

    def number(self, text: str) -> Fraction:
        rounded = re.fullmatch(r"ROUND\((.+),(\d)\)", text)
        if rounded:
            return Fraction(round_half_up(self.number(rounded[1]), int(rounded[2])))
        text = _CALL.sub(lambda call: f"({self.call(call[1], call[2])})", text)
        text = re.sub(r"[A-Z]+\d+", lambda cell: f"({self.fraction(self.value(cell[0]))})", text)
        assert re.fullmatch(r"[\d\s.+*/()\-]+", text), text
        return Fraction(eval(re.sub(r"\d+(?:\.\d+)?", r"Fraction('\g<0>')", text), {"Fraction": Fraction}))  # noqa: S307

    def call(self, name: str, ranges: str) -> Fraction:
        values = [self.value(cell) for one in ranges.split(",") for cell in self.cells(one)]
        if name == "COUNTA":
            return Fraction(sum(value is not None for value in values))
        numbers = [self.fraction(value) for value in values if isinstance(value, int | float | Fraction)]
        return Fraction(len(numbers)) if name == "COUNT" else sum(numbers, Fraction(0))

    def cells(self, text: str) -> Iterator[str]:
        block = self.page[text]
        for row in block if isinstance(block, tuple) else ((block,),):
            yield from (cell.coordinate for cell in (row if isinstance(row, tuple) else (row,)))

    @staticmethod
    def fraction(value: object) -> Fraction:
        """An empty cell counts as nothing; a number as it is written."""
        return value if isinstance(value, Fraction) else Fraction(str(value or 0))


def formulas(page: Worksheet) -> Iterator[str]:
    for row in page.iter_rows():
        yield from (cell.coordinate for cell in row if cell.data_type == "f")


def agree(data: bytes) -> int:
    """Check that what each formula gives is what the file says it gives; return how many there are."""
    book, cached = opened(data), opened(data, values=True)
    found = 0
    for name in ("空表", "填写示例"):
        excel = Excel(book[name])
        for address in formulas(book[name]):
            found += 1
            value, kept = excel.value(address), cached[name][address].value
            assert (kept or "") == "" if value == "" else Fraction(str(kept)) == value, (name, address, value, kept)
    return found


def test_the_filled_sheet_computes_what_it_shows(tmp_path: Path) -> None:
    data = write_form(made(tmp_path, TABLE), LINES)
    assert agree(data) == 2 * (EMPTY_ROWS + 2) + 2 * 2  # two computed columns, two sums, on both sheets
    page = opened(data, values=True)["填写示例"]
    head = row_of(page, "姓名")
    assert [cell.value for cell in page[head]][:4] == ["姓名", "出勤（天）", "日工资（元）", "应发（元）"]
    assert page.cell(head + 1, 4).value == 7517.5
    assert page.cell(head + 3, 4).value == 13989
    assert page.cell(head + 3, 1).value == "合计"
    assert page.cell(head + 1, 8).number_format == "yyyy-mm-dd"
    assert page.cell(head + 1, 3).number_format == "#,##0.00"


def test_a_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    signs = ("=1+1", "+1", "-1", "@SUM(A1)")
    text = TABLE.replace('filled = "某劳务公司"', 'filled = "=cmd|x"').replace('"出勤天数按考勤表。"', '"@甲"')
    for sign in signs:
        page = opened(write_form(made(tmp_path, text.replace('name = "=1+1"', f'name = "{sign}"')), LINES))["填写示例"]
        cell = page.cell(row_of(page, "姓名") + 2, 1)
        assert (cell.value, cell.data_type, cell.number_format) == (sign, "s", "@")


def test_the_empty_sheet_is_ready_to_be_filled_in(tmp_path: Path) -> None:
    data = write_form(made(tmp_path, TABLE), LINES)
    page = opened(data)["空表"]
    head = row_of(page, "姓名")
    assert row_of(page, "合计") == head + EMPTY_ROWS + 1
    assert "陶某" not in str([[cell.value for cell in row] for row in page.iter_rows()])
    inputs = {1: "李某", 2: 20, 3: 300.55, 5: 10}  # somebody fills in the seventh line
    for column, value in inputs.items():
        page.cell(head + 7, column).value = value
    excel = Excel(page)
    assert excel.value(f"D{head + 7}") == Fraction("6021")
    assert excel.value(f"F{head + 7}") == Fraction(str(Decimal("37.63")))
    assert excel.value(f"D{head + 8}") == ""
    assert excel.value(f"D{head + EMPTY_ROWS + 1}") == 6021
    page.cell(head + 7, 2).value = None  # days not yet known: nothing to divide by, and no error to be seen
    assert excel.value(f"F{head + 7}") == ""


def test_the_empty_sheet_refuses_what_cannot_be(tmp_path: Path) -> None:
    page = opened(write_form(made(tmp_path, TABLE), LINES))["空表"]
    head = row_of(page, "姓名")
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    last = head + EMPTY_ROWS
    assert rules[f"G{head + 1}:G{last}"].formula1 == '"银行代发,现金"'
    assert rules[f"H{head + 1}:H{last}"].type == "date"
    assert rules[f"B{head + 1}:B{last}"].type == "decimal"
    assert rules[f"B{head + 1}:B{last}"].error == "请只填数字，不写单位。"
    assert f"D{head + 1}:D{last}" not in rules


@pytest.mark.parametrize("text,upright", [(TABLE, True), (TABLE.replace("width = 10", "width = 20"), False)])
def test_it_prints_on_a4(tmp_path: Path, text: str, upright: bool) -> None:
    book = opened(write_form(made(tmp_path, text), LINES))
    assert book.sheetnames == ["空表", "填写示例", "说明"]
    for name in ("空表", "填写示例"):
        page = book[name]
        head = row_of(page, "姓名")
        assert page.page_setup.paperSize == 9
        assert (page.page_setup.orientation == "portrait") is upright
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == f"${head}:${head}"
        assert page.cell(head, 1).font.name == "宋体"
        assert page.cell(head + 1, 2).border.left.style == "thin"
        texts = [str(row[0].value) for row in page.iter_rows()]
        assert any(text.startswith("班组长：____") for text in texts)


def test_the_third_sheet_says_what_it_stands_on(tmp_path: Path) -> None:
    page = opened(write_form(made(tmp_path, TABLE), LINES))["说明"]
    told = {row[0].value: row[1].value for row in page.iter_rows()}
    assert told["依据 1"] == "《保障农民工工资支付条例》（国务院令第724号）第26条：总包开设农民工工资专用账户。"
    assert told["复核"] == "2026-11-20，通过：已对照原文"


def test_a_document_has_its_sections(tmp_path: Path) -> None:
    book = opened(write_form(made(tmp_path, DOCUMENT), LINES))
    empty = [row[0].value for row in book["空表"].iter_rows()]
    filled = [row[0].value for row in book["填写示例"].iter_rows()]
    assert "我单位____项目于____完工。" in empty
    assert "公示30日。" in filled
    assert "一、公示内容" in empty


def test_the_same_form_gives_the_same_bytes(tmp_path: Path) -> None:
    source = made(tmp_path, TABLE)
    first = write_form(source, LINES)
    time.sleep(1.1)  # files keep whole seconds
    assert write_form(source, LINES) == first


def test_the_page_sends_the_file_under_its_title(shown: Folder, house: House) -> None:  # noqa: F811
    answer = house.client("learner").get("/forms/wage-sheet.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "%E5%86%9C%E6%B0%91%E5%B7%A5" in answer.headers["Content-Disposition"]
    told = [str(row[1].value) for row in opened(answer.data)["说明"].iter_rows()]
    assert "《保障农民工工资支付条例》（国务院令第724号）第28条：总包在每个项目配劳资专管员。" in told


@pytest.fixture
def build(forms: Folder, tmp_path: Path) -> Callable[..., tuple[int, str, Path]]:  # noqa: F811
    def run(*options: str) -> tuple[int, str, Path]:
        out = tmp_path / "out"
        done = CliRunner().invoke(courses_group, ["forms", "--root", str(forms.root), "--out", str(out), *options])
        return done.exit_code, done.stdout, out

    return run


def test_the_command_builds_all_files(build: Callable[..., tuple[int, str, Path]], forms: Folder) -> None:  # noqa: F811
    code, said, out = build()
    assert code == 0, said
    assert "已生成 2 个文件" in said
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(files) == ["2.4-notice.xlsx", "2.4-wage-sheet.xlsx"]
    code, said, out = build("--item", "2.4", "--json")
    assert json.loads(said) == {"ok": True, "counts": {"forms": 2}, "files": sorted(files)}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files


def test_the_command_refuses_what_is_wrong(build: Callable[..., tuple[int, str, Path]], forms: Folder) -> None:  # noqa: F811
    forms.edit(SHEET, 'kind = "date"', 'kind = "day"')
    code, said, out = build("--json")
    assert code == 2
    assert json.loads(said)["faults"][0]["file"] == SHEET
    assert not out.exists()


@pytest.mark.parametrize("item_code", ["9.9", "1.1", "三"])
@pytest.mark.parametrize("as_json", [False, True])
def test_an_item_without_forms_is_unusable_input(
    forms: Folder,  # noqa: F811
    tmp_path: Path,
    item_code: str,
    as_json: bool,
) -> None:
    out = tmp_path / "out"
    options = ["forms", "--root", str(forms.root), "--out", str(out), "--item", item_code]
    done = CliRunner().invoke(courses_group, [*options, "--json"] if as_json else options)
    assert done.exit_code == 2
    assert f"--item：没有条目 {item_code} 的表样" in done.stderr
    assert not as_json or json.loads(done.stdout)["ok"] is False
    assert not out.exists()


def test_the_command_names_a_folder_it_cannot_write(forms: Folder, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "file").write_text("", "utf-8")
    options = ["forms", "--root", str(forms.root), "--out", str(tmp_path / "file" / "out")]
    done = CliRunner().invoke(courses_group, options)
    assert done.exit_code == 1
    assert "不能写入" in done.stderr


def test_every_shipped_form_computes_what_it_shows() -> None:
    content = read_content(default_root(), today=clock.local_date(clock.now()))
    assert len(content.forms) >= 11
    for source in content.forms.values():
        data = write_form(source, LINES)
        computed = sum(column.formula is not None for column in source.form.column)
        assert agree(data) >= computed * (EMPTY_ROWS + len(source.rows)), source.file
