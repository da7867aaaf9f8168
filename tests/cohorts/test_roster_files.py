"""Files that clerks really bring."""

import time
import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from lms.cohorts.content import Sheet, write_workbook
from lms.cohorts.content.rosters import read_roster
from lms.cohorts.rules.roster import MAX_LINES, RosterField, RosterLine
from lms.core.errors import Invalid
from tests.cohorts.conftest import HEADING, person, saved, xlsx

NAME, ID_NUMBER, PHONE, EMPLOYER = RosterField
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_1 = "xl/worksheets/sheet1.xml"


def lines(data: bytes) -> tuple[RosterLine, ...]:
    return read_roster(data).lines


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_roster(data)
    assert caught.value.field == "file"
    return caught.value.message


def csv_text(*rows: tuple[str, ...], separator: str = ",") -> str:
    return "\r\n".join(separator.join(row) for row in (HEADING, *rows))


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Return a workbook with one part replaced or added."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return target.getvalue()


def test_a_plain_workbook() -> None:
    (line,) = lines(xlsx(HEADING, person(1)))
    assert line == RosterLine(2, dict(zip(RosterField, person(1), strict=True)))


def test_a_title_notes_and_a_merged_heading_of_two_rows() -> None:
    book = Workbook()
    page = book.active
    page.append(["2026 年第 3 期劳资专管员培训班学员名册"])
    page.merge_cells("A1:F1")
    page.append(["单位", "湖北楚建", "联系电话", "13800000000"])
    page.append(["序号", "姓 名", "证件信息", None, "联系方式", "工作单位"])
    page.append([None, None, "证件类型", "证件号码", None, None])
    for column in "ABEF":
        page.merge_cells(f"{column}3:{column}4")
    page.merge_cells("C3:D3")
    page.append([1, "王建国", "居民身份证", person(1)[1], "13900000001", "甲公司"])
    (line,) = lines(saved(book))
    assert line.number == 5
    assert line.cells == {NAME: "王建国", ID_NUMBER: person(1)[1], PHONE: "13900000001", EMPLOYER: "甲公司"}


def test_an_information_row_is_not_taken_for_the_heading() -> None:
    (line,) = lines(xlsx(["工作单位", "甲公司", "联系电话", "13800000000"], ["姓名", "身份证号"], person(1)[:2]))
    assert line.cells == {NAME: "王建国", ID_NUMBER: person(1)[1]}


@pytest.mark.parametrize(
    "heading",
    [
        ("*姓名", "*身份证号码（18 位）", "联系电话", "用人单位"),
        ("学员姓名", "公民身份号码", "手机号码", "企业名称"),
        ("姓\n名", "身份证号\n[必填]", "手机：", "单位"),
        ("名字", "证件号", "移动电话", "所在单位"),
        ("Name", "ID Number", "Mobile", "Employer"),
    ],
)
def test_columns_are_known_by_many_names(heading: tuple[str, ...]) -> None:
    (line,) = lines(xlsx(heading, person(1)))
    assert tuple(line.cells.values()) == person(1)


def test_of_two_columns_the_better_known_word_is_taken() -> None:
    (line,) = lines(
        xlsx(["姓名", "身份证号", "联系电话", "手机号"], ["王建国", person(1)[1], "027-87654321", "13900000001"])
    )
    assert line.cells[PHONE] == "13900000001"


def test_blank_lines_serial_numbers_and_footers_are_no_learners() -> None:
    found = lines(
        xlsx(("序号", *HEADING), (1, *person(1)), (), (2, None, "  ", None, None), (3, *person(2)), ("制表人：李教务",))
    )
    assert [line.number for line in found] == [2, 5]


def test_spaces_full_width_digits_and_wrappings_are_only_looks() -> None:
    wide = person(1)[1].translate(str.maketrans("0123456789X", "０１２３４５６７８９ｘ"))
    (first,) = lines(xlsx(HEADING, ("　王建国 ", wide, "\xa0139 0000 0001\t", " 甲公司 ")))
    (second,) = lines(csv_text(("李四", f'="{person(2)[1]}"', "'13900000002", "")).encode())
    assert first.cells == {NAME: "王建国", ID_NUMBER: wide, PHONE: "139 0000 0001", EMPLOYER: "甲公司"}
    assert (second.cells[ID_NUMBER], second.cells[PHONE]) == (person(2)[1], "13900000002")


@pytest.mark.parametrize("value", [4.2010119900101e17, 420101199001011234, "4.2E+17", "4.20101E+17", "4.2e17"])
def test_an_id_number_kept_as_a_number_is_refused_naming_row_and_column(value: object) -> None:
    (line,) = lines(xlsx(HEADING, ("王建国", value, "13900000001", "甲")))
    fault = line.faults[ID_NUMBER]
    assert "第 2 行 B 列" in fault
    assert "文本" in fault


def test_a_phone_kept_as_a_number_is_fine_until_digits_are_lost() -> None:
    (whole, split, lost) = lines(
        xlsx(HEADING, ("甲", person(1)[1], 13900000001), ("乙", person(2)[1], 13900000002.0), ("丙", "1", "1.39E+10"))
    )
    assert (whole.cells[PHONE], split.cells[PHONE]) == ("13900000001", "13900000002")
    assert "第 4 行 C 列：手机号" in lost.faults[PHONE]


def test_a_formula_without_a_result_is_named_and_empty_lookups_are_blank() -> None:
    book = Workbook()
    page = book.active
    page.append(HEADING)
    page.append(["王建国", "=VLOOKUP(A2,Sheet2!A:B,2,0)", "13900000001", "甲"])
    page.append(['=IF(1=1,"","")', '=IF(1=1,"","")', None, None])
    (line,) = lines(saved(book))
    assert "公式" in line.faults[ID_NUMBER]


def test_a_formula_with_a_result_counts_as_its_result() -> None:
    data = xlsx(HEADING, person(1))
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData>' + "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{column}{row}" t="str"><f>A1</f><v>{text}</v></c>'
            for column, text in zip("ABCD", texts, strict=True)
        )
        + "</row>"
        for row, texts in ((1, HEADING), (2, person(7)))
    )
    (line,) = lines(with_part(data, SHEET_1, f"{sheet}</sheetData></worksheet>".encode()))
    assert tuple(line.cells.values()) == person(7)


def test_errors_of_formulas_are_named() -> None:
    (line,) = lines(xlsx(HEADING, ("#N/A", person(1)[1], "#REF!", None)))
    assert set(line.faults) == {NAME, PHONE}


def test_dates_and_truth_values_do_not_break_the_reading() -> None:
    (line,) = lines(xlsx(HEADING, (datetime(2026, 1, 2), True, 3.5, 12)))  # noqa: DTZ001
    assert tuple(line.cells.values()) == ("2026-01-02", "True", "3.5", "12")


def test_the_sheet_with_the_roster_is_found_and_hidden_ones_are_not_looked_at() -> None:
    book = Workbook()
    book.active.append(["填写说明"])
    hidden = book.create_sheet("旧名单")
    hidden.append(HEADING)
    hidden.append(person(9))
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("名单")
    shown.append(HEADING)
    shown.append(person(1))
    roster = read_roster(saved(book))
    assert roster.sheet == "名单"
    assert [line.cells[ID_NUMBER] for line in roster.lines] == [person(1)[1]]


def test_a_wrong_dimension_is_not_believed() -> None:
    data = xlsx(HEADING, person(1), person(2))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        sheet = archive.read(SHEET_1).replace(b'ref="A1:D3"', b'ref="A1"')
    assert b'ref="A1"' in sheet
    assert len(lines(with_part(data, SHEET_1, sheet))) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_every_dress(encoding: str, separator: str) -> None:
    (line,) = lines(csv_text(person(1), separator=separator).encode(encoding))
    assert (line.number, tuple(line.cells.values())) == (2, person(1))


def test_csv_with_quotes_a_hint_for_the_separator_and_blank_lines() -> None:
    text = (
        'sep=;\r\n名册;;;\r\n姓名;身份证号;手机号;单位\r\n\r\n王建国;"'
        + person(1)[1]
        + '";"139\n00000001";"甲;乙公司"\r\n'
    )
    (line,) = lines(text.encode())
    assert line.number == 5
    assert line.cells[EMPLOYER] == "甲;乙公司"


def test_csv_names_the_row_of_a_lost_number() -> None:
    (line,) = lines(csv_text(("王建国", "4.2E+17", "13900000001", "甲")).encode("gb18030"))
    assert "第 2 行 B 列" in line.faults[ID_NUMBER]


def test_the_content_says_what_a_file_is_not_its_name() -> None:
    """`read_roster` is not even told the name."""
    assert lines(xlsx(HEADING, person(1)))[0].cells == lines(csv_text(person(1)).encode())[0].cells


@pytest.mark.parametrize(
    "data, word",
    [
        (b"", "空"),
        (b" \r\n\r\n", "空"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        ("<html><table><tr><td>姓名</td></tr></table></html>".encode(), "网页"),
        (b"%PDF-1.7 \n", "不是表格"),
        (b"\x89PNG\r\n\x1a\n", "不是表格"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"\xff\xfe\x00", "文字读不出来"),
        (b"\x80\x81\xff\xff name", "文字读不出来"),
        ("姓名,身份证号\n王\x00建国,1".encode(), "文字读不出来"),
        ("姓名,身份证号\n".encode(), "没有学员"),
        ("甲,乙\n1,2\n".encode(), "没有找到表头"),
        ("只有一列\n王建国\n".encode(), "没有找到表头"),
        ("姓名,手机号\n王建国,13900000001\n".encode(), "缺少“身份证号”列"),
        (('姓名,身份证号\n"王建国,1' + "长" * 200_000).encode(), "引号"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(data: bytes, word: str) -> None:
    assert word in refusal(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "8 MB" in refusal(b"x" * (8 * 1024 * 1024 + 1))


def test_too_many_learners_and_too_many_rows_are_refused() -> None:
    many = [("王建国", "1")] * (MAX_LINES + 1)
    assert f"{MAX_LINES} 人" in refusal(xlsx(HEADING, *many))
    book = Workbook()
    book.active.append(HEADING)
    book.active.append(person(1))
    book.active.cell(row=20_000, column=1, value="尾注")
    assert "10000 行" in refusal(saved(book))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part(xlsx(HEADING, person(1)), SHEET_1, b"0" * (60 * 1024 * 1024))
    assert len(bomb) < 200_000
    assert "展开后太大" in refusal(bomb)
    many = BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(600):
            archive.writestr(f"part{number}", b"")
    assert "展开后太大" in refusal(many.getvalue())


@pytest.mark.parametrize(
    "part, start, filling, end",
    [
        (SHEET_1, f'<worksheet xmlns="{SHEET}"><sheetData><row>', "<c/>", "</row></sheetData></worksheet>"),
        ("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}">', "<si/>", "</sst>"),
        ("xl/styles.xml", f'<styleSheet xmlns="{SHEET}"><fonts>', "<font/>", "</fonts></styleSheet>"),
        (SHEET_1, f'<worksheet xmlns="{SHEET}"><row ', 'a="" ', "/></worksheet>"),
    ],
)  # fmt: skip
def test_millions_of_empty_elements_are_refused_without_parsing_them(
    part: str, start: str, filling: str, end: str
) -> None:
    """38 KB that would become three gigabytes of objects."""
    began = time.perf_counter()
    content = (start + filling * (20_000_000 // len(filling)) + end).encode()
    assert "展开后太大" in refusal(with_part(xlsx(HEADING, person(1)), part, content))
    assert time.perf_counter() - began < 5


def test_the_widest_roster_there_can_be_is_read() -> None:
    more = [f"附加 {number}" for number in range(36)]
    rows = [(*person(number), *(f"{number}-{column}" for column in range(36))) for number in range(MAX_LINES)]
    assert len(lines(xlsx((*HEADING, *more), *rows))) == MAX_LINES


def test_entities_are_not_expanded() -> None:
    sheet = (
        f'<!DOCTYPE w [<!ENTITY a "{"x" * 1000}">]><worksheet xmlns="{SHEET}"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'
    )
    assert "打不开" in refusal(with_part(xlsx(HEADING, person(1)), SHEET_1, sheet.encode()))


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET_1, "[Content_Types].xml", "xl/styles.xml"])
def test_a_broken_part_is_a_refusal_not_an_error(part: str) -> None:
    assert "打不开" in refusal(with_part(xlsx(HEADING, person(1)), part, b"<broken"))


def test_a_number_of_many_digits_in_the_file_is_a_refusal_not_an_error() -> None:
    cell = f'<c r="A1"><v>{"9" * 5000}</v></c>'
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    assert "打不开" in refusal(with_part(xlsx(HEADING, person(1)), SHEET_1, sheet.encode()))


def test_what_we_write_stays_text() -> None:
    odd = ["=1+1", "+86", "-3", "@SUM(A1)", person(1)[1], "http://example.invalid", "00123"]
    book = load_workbook(BytesIO(write_workbook([Sheet("名册", [("值", 20)], [[value] for value in odd])])))
    cells = [row[0] for row in book["名册"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == odd
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert all(cell.hyperlink is None for cell in cells)
