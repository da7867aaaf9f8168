"""The blind reading shows no key, and tells who answered as the key does."""

from pathlib import Path

import pytest

from scripts import blind_reading


def test_the_paper_gives_nothing_away() -> None:
    paper = "\n".join(blind_reading.paper(["2.4"]))
    asked = dict(blind_reading.asked(["2.4"]))
    assert all(f"== {name} " in paper for name in asked)
    for question in asked.values():
        told = [question["explanation"], *(option["why"] for option in question.get("options", ()))]
        assert not [text for text in told if len(text) > 8 and text in paper]
        assert not [source for source in question.get("sources", ()) if source["law"] in paper]


def test_who_answers_with_the_keys_agrees_everywhere() -> None:
    given = {
        name: (blind_reading.key_of(name, question).partition(" / ")[0], "")
        for name, question in blind_reading.asked([])
        if question["kind"] != "case"
    }
    assert list(blind_reading.compare(given)) == [f"共答{len(given)}问，与答案相同{len(given)}，有疑问0。"]


@pytest.mark.parametrize("name, answer", [("2.4-s01", "9"), ("2.4-t01", "对"), ("2.4-n01", "1"), ("2.4-f01", "基本户")])
def test_another_answer_is_told_with_the_doubt(name: str, answer: str) -> None:
    difference, count = blind_reading.compare({name: (answer, "题干没说合同日期")})
    assert difference.startswith(f"不同 {name}: 盲答 {answer}，答案 ")
    assert difference.endswith("；题干没说合同日期")
    assert count == "共答1问，与答案相同0，有疑问1。"


def test_an_unknown_name_is_told() -> None:
    assert next(blind_reading.compare({"2.4-s99": ("1", "")})) == "没有这一题：2.4-s99"


def test_answers_are_read_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.txt"
    path.write_text("# 2.4\n2.4-s01: 2\n\n 2.4-m01：1,3 # 两项都说得通\n2.4-c01.2: 对\n", "utf-8")
    assert blind_reading.read(path) == {
        "2.4-s01": ("2", ""),
        "2.4-m01": ("1,3", "两项都说得通"),
        "2.4-c01.2": ("对", ""),
    }
    path.write_text("2.4-s01 2\n", "utf-8")
    with pytest.raises(SystemExit, match="第1行"):
        blind_reading.read(path)
