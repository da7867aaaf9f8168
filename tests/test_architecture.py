"""House rules that a machine can hold; import rules stand in `pyproject.toml` (import-linter)."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lms.app import BUILT_IN, create_app
from lms.core.db import Base
from lms.core.settings import Settings
from lms.web.access import PUBLIC, SIGNED_IN, access_of

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "lms").rglob("*.py") if "migrations/versions" not in path.as_posix())
TEMPLATES = sorted((ROOT / "lms").rglob("templates/**/*.html"))
PLUGINS = [plugin.name for plugin in BUILT_IN]
MAY_COMMIT = {"lms/core/db.py"}
LONGEST_FILE = 400


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_committer_commits(path: Path) -> None:
    if name_of(path) in MAY_COMMIT:
        return
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert calls == [] or name_of(path) == "lms/migrations/env.py"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_room_outgrows_its_walls(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_there_is_no_drawer(path: Path) -> None:
    assert not {"utils", "helpers", "common", "base", "misc"} & {path.stem, *path.relative_to(ROOT).parts}


def doors() -> Iterator[tuple[str, Callable[..., object]]]:
    for plugin in PLUGINS:
        services = importlib.import_module(f"lms.{plugin}.services")
        for name in getattr(services, "__all__", ()):
            if inspect.isfunction(function := getattr(services, name)):
                yield f"{plugin}.{name}", function


@pytest.mark.parametrize("name,function", [pytest.param(*door, id=door[0]) for door in doors()])
def test_services_take_keyword_arguments(name: str, function: Callable[..., object]) -> None:
    """At most one positional value, for checks and masks such as `check_phone(text)`."""
    parameters = inspect.signature(function).parameters.values()
    assert len([one for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]) <= 1
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty


def test_every_view_says_who_may_see_it(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, testing=True, plugins=False))
    known = {PUBLIC, SIGNED_IN, *app.extensions["lms_registry"].permissions}
    untagged = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not endpoint.endswith("static") and access_of(view) not in known
    ]
    assert untagged == []


def test_public_views_are_few_and_named(tmp_path: Path) -> None:
    """Opening a page to everybody is a decision that shows in this list."""
    app = create_app(Settings(data_dir=tmp_path, testing=True, plugins=False))
    opened = {endpoint for endpoint, view in app.view_functions.items() if access_of(view) == PUBLIC}
    assert opened == {
        "web.healthz",
        "web.readyz",
        "web.metrics",
        "web.favicon",
        "accounts.sign_in",
        "accounts.choose_organisation",
        "accounts.enter_organisation",
        "accounts.enter_code",
        "accounts.notice",
        "attendance.scan",  # the code would be old after the sign-in; it reads nothing
        "completion.ask",
        "completion.verify",
        "completion.api_record",
    }


def test_every_table_bears_its_plugins_name() -> None:
    for mapper in Base.registry.mappers:
        owner = mapper.class_.__module__.split(".")[1]
        table = mapper.local_table
        assert str(table).startswith(f"{owner}_"), f"{mapper.class_} of {owner} is kept in {table}"


INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_inline_script_or_style(path: Path) -> None:
    assert INLINE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_post_form_carries_a_token(path: Path) -> None:
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL | re.IGNORECASE):
        if re.search(r"method=[\"']?post", form, re.IGNORECASE):
            assert "csrf_token" in form or "hidden_tag" in form, form[:120]


def test_nothing_names_a_registry_host_or_a_machine_path() -> None:
    forbidden = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\.", "debian" + r"\.org/")))
    kinds = {".py", ".md", ".toml", ".lock", ".txt", ".sh", ".html", ".js", ".css", ""}
    tracked = [
        path
        for folder in ("lms", "content", "docs", "scripts", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in kinds
    ]
    tracked += [path for path in ROOT.iterdir() if path.is_file() and path.suffix in kinds]
    assert [name_of(path) for path in tracked if forbidden.search(path.read_text("utf-8", "ignore"))] == []
