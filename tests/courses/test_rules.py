import pytest

from lms.courses.rules.naming import article_name, chip_label, last_number, lesson_code, local_item_code, neighbours


@pytest.mark.parametrize(
    "no, name",
    [("28", "第28条"), ("276-1", "第276条之一"), ("5-12", "第5条之十二"), ("总则", "总则"), ("三(一)", "三(一)")],
)
def test_articles_are_called_as_lawyers_call_them(no: str, name: str) -> None:
    assert article_name(no) == name


@pytest.mark.parametrize(
    "title, no, label",
    [
        ("条例", "28", "《条例》28"),
        ("刑法", "276-1", "《刑法》276之一"),
        ("湖北办法", "总则", "《湖北办法》总则"),
        ("鄂人社发〔2024〕8号", "三(三)", "鄂人社发〔2024〕8号 三(三)"),
        ("菏泽2025通知", "四", "菏泽2025通知 四"),
    ],
)
def test_chips_have_book_marks_unless_known_by_number(title: str, no: str, label: str) -> None:
    assert chip_label(title, no) == label


def test_local_codes_never_meet() -> None:
    assert local_item_code(3, 1) == "L3.1"
    assert local_item_code(31, 1) != local_item_code(3, 11)
    assert lesson_code("L3.1", 2) == "L3.1-2"


def test_numbers_go_on_after_the_highest() -> None:
    assert last_number(["L3.1", "L3.12", "L3.2"]) == 12
    assert last_number([]) == 0


def test_neighbours_end_at_the_ends() -> None:
    assert neighbours(["a", "b", "c"]) == {"a": (None, "b"), "b": ("a", "c"), "c": ("b", None)}
    assert neighbours([]) == {}
