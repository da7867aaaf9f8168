"""Lists: searched, sorted, paged, whatever stands in the address."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from lms.core.listing import PAGE_SIZE, ListPage, ListQuery
from lms.web.tables import Column, list_url, read_query, sort_state, sort_url
from tests import factories
from tests.web.conftest import Trial

NAME = Column("姓名", "name")
HOURS = Column("学时", numeric=True)
PATH = "/cohorts/7/completion"

TABLE = """
{% import "web/_macros.html" as ui with context %}
{{ ui.search(page, "姓名") }}
{% call ui.table(page, columns, "学员") %}{% for row in page.rows %}<tr><td>{{ row }}</td></tr>{% endfor %}{% endcall %}
"""


def page_of(query: ListQuery, *, total: int = 120, rows: Sequence[str] = ("王建国",)) -> ListPage[str]:
    return ListPage(rows, total, query)


# --- reading the address


def test_nothing_asked() -> None:
    assert read_query({}) == ListQuery(search="", sort="", descending=False, page=1, size=PAGE_SIZE)


def test_everything_asked() -> None:
    found = read_query({"q": "  王 建国 ", "sort": "-name", "page": "3"})
    assert (found.search, found.sort, found.descending, found.page) == ("王 建国", "name", True, 3)


@pytest.mark.parametrize(
    "page", ["", "0", "-1", "x", "1.5", "²", "٣", "1e3", " 2", "9" * 7, "9" * 500, "\x00", "1; DROP TABLE x"]
)
def test_a_page_that_is_no_number(page: str) -> None:
    assert read_query({"page": page}).page in (0, 1)


def test_a_search_is_kept_short_and_printable() -> None:
    assert len(read_query({"q": "长" * 5000}).search) == 100
    assert read_query({"q": "\x00王\x07建\ud800国\x1b"}).search == "王建国"
    assert read_query({"q": "王\t建\n国"}).search == "王\t建\n国"


@pytest.mark.parametrize("sort", ["", "-", "--name", "no_such", "name; DROP", "\x00"])
def test_any_sort_is_only_a_name(sort: str) -> None:
    found = read_query({"sort": sort})
    assert found.descending == sort.startswith("-")


# --- writing it


def test_an_address_keeps_what_is_not_changed(trial: Trial) -> None:
    with trial.app.test_request_context(f"{PATH}?q=王&sort=name&page=2"):
        assert parse_qs(urlsplit(list_url(page=3)).query) == {"q": ["王"], "sort": ["name"], "page": ["3"]}
        assert parse_qs(urlsplit(list_url(q="", page="")).query) == {"sort": ["name"]}
        assert urlsplit(list_url(page=3)).path == PATH
    with trial.app.test_request_context(f"{PATH}?q="):
        assert list_url() == PATH


def test_a_filter_with_several_values_keeps_them(trial: Trial) -> None:
    with trial.app.test_request_context(f"{PATH}?role=a&role=b&page=2"):
        assert list_url(page=1) == f"{PATH}?role=a&role=b&page=1"


@pytest.mark.parametrize(
    "query",
    [
        "_scheme=javascript&_external=1",
        "_external=1",
        "_anchor=x",
        "_method=POST",
        "endpoint=accounts.home",
        "cohort_id=9",
        "self=1",
        "%00=1&%ff=2",
        "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "q=%23%26%3D%3F",
        "&&&===",
    ],
)
def test_nothing_in_an_address_is_obeyed(trial: Trial, query: str) -> None:
    """Names that the address builder would take for its own are a reader's words like any other."""
    with trial.app.test_request_context(f"{PATH}?{query}"):
        found = list_url(page=2)
        assert found.startswith(f"{PATH}?")
        assert "page=2" in found
        assert not set('<>"') & set(found)


def test_sorting_turns_round_and_starts_over(trial: Trial) -> None:
    with trial.app.test_request_context(f"{PATH}?page=5"):
        assert sort_url(NAME, page_of(read_query())) == f"{PATH}?sort=name"
    with trial.app.test_request_context(f"{PATH}?sort=name&page=5"):
        assert sort_url(NAME, page_of(read_query())) == f"{PATH}?sort=-name"
        assert sort_state(NAME, page_of(read_query())) == "ascending"
    with trial.app.test_request_context(f"{PATH}?sort=-name"):
        assert sort_url(NAME, page_of(read_query())) == f"{PATH}?sort=name"
        assert sort_state(NAME, page_of(read_query())) == "descending"
        assert sort_state(HOURS, page_of(read_query())) == "none"


# --- on the page


def render(trial: Trial, address: str, *, total: int = 120) -> str:
    with trial.app.test_request_context(address):
        page = page_of(read_query(), total=total)
        return render_template_string(TABLE, page=page, columns=(NAME, HOURS))


def test_a_list_on_a_page(trial: Trial) -> None:
    page = render(trial, f"{PATH}?q=%E7%8E%8B&sort=name&page=2")
    assert "共 120 条 · 第 2 / 3 页" in page
    assert 'aria-sort="ascending"' in page
    assert 'value="王"' in page
    assert '<input type="hidden" name="sort" value="name">' in page  # a new search keeps the order
    assert page.count("page=1") == page.count("page=3") == 1
    assert "清除" in page
    assert page.count("aria-sort") == 1  # a column that cannot be sorted says nothing of it


def test_the_ends_of_a_list(trial: Trial) -> None:
    assert "上一页" not in render(trial, PATH)
    assert "下一页" in render(trial, PATH)
    assert "下一页" not in render(trial, f"{PATH}?page=3")
    only = render(trial, PATH, total=3)
    assert "共 3 条" in only
    assert "页</span>" not in only.split("共 3 条")[1][:10]


def test_what_was_typed_is_shown_and_not_run(trial: Trial) -> None:
    page = render(trial, f"{PATH}?q=%22%3E%3Cscript%3E&sort=%22%3E%3Cscript%3E")
    assert "<script>" not in page
    assert "&#34;&gt;&lt;script&gt;" in page


# --- on a real list, on both engines

WEIRD = [
    "q=%00",
    "q=%",
    "q=_",
    "q=\\",
    "q='%20OR%201=1--",
    "q=" + "%E7%8E%8B%20" * 200,
    "q=%F0%A0%AE%B7",
    "q=%ff%fe",
    "sort=password_hash",
    "sort=-",
    "page=99999",
    "page=0",
    "page=-3",
    "q=a&q=b&page=1&page=2",
    "_external=1&_scheme=javascript&endpoint=x&_method=DELETE",
    "role=%00",
    "role=nobody",
]


@pytest.fixture
def clerk(app: Flask) -> FlaskClient:
    with app.app_context():
        owner = factories.institution()
        person_id = factories.member(organisation_id=owner, role="registrar", name="周文娟")
        for number in range(PAGE_SIZE + 5):
            factories.member(organisation_id=owner, name="王" + "建国文娟立新"[number % 6], ready=False)
        return factories.signed_in(app.test_client(), person_id)


def test_real_lists_stand_anything(clerk: FlaskClient) -> None:
    for address in ("/people", "/cohorts/", "/completion/all/", "/question-bank/"):
        for query in WEIRD:
            answer = clerk.get(f"{address}?{query}")
            # a filter of the page's own may be refused, but as a reader's mistake
            assert answer.status_code in ({200, 400} if query == "role=%00" else {200}), f"{address}?{query}"
            assert "javascript:" not in answer.text


def test_a_real_list_searches_sorts_and_pages(clerk: FlaskClient) -> None:
    first = clerk.get("/people?sort=name").text
    assert "下一页" in first
    assert "第 1 / 2 页" in first
    last = clerk.get("/people?sort=name&page=999").text
    assert "第 2 / 2 页" in last
    assert "下一页" not in last
    found = clerk.get("/people?q=周文").text
    assert "周文娟" in found
    assert "王建" not in found
    nothing = clerk.get("/people?q=%25").text  # a percent sign is a percent sign, not everybody
    assert "王建" not in nothing
