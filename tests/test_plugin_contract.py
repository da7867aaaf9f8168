"""The sample plugin of the guide, installed as a stranger would install it, on both engines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "sample_plugin"

# runs in a process of its own, so that the plugin's tables never reach the other tests
STORY = """
import json, sys
from lms.app import create_app
from lms.accounts import services as accounts
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses import services as courses
from lms.courses.content import default_root
from alembic import command
from lms.migrations import migrate
from sqlalchemy import text

app = create_app()
app.config["WTF_CSRF_ENABLED"] = False
told = {"plugins": [plugin.name for plugin in app.extensions["lms_registry"].plugins]}
with app.app_context():
    migrate.upgrade()
    command.check(migrate.config())
    at = clock.now()
    with transaction():
        courses.import_content(root=default_root(), at=at)
        owner = accounts.create_organisation(kind="institution", name="武汉示例培训学校", at=at)
        made = accounts.enrol_person(
            organisation_id=owner, role="learner", name="王建国", login_name="wang01", at=at, actor_id=None
        )
        accounts.set_password(person_id=made.person_id, password_hash=accounts.hash_password("Changjiang-7"), at=at)
        accounts.accept_notice(person_id=made.person_id, organisation_id=owner, at=at)
client = app.test_client()
client.post("/sign-in", data={"login": "wang01", "password": "Changjiang-7"})
told["home"] = "备忘" in client.get("/").text
told["before"] = client.get("/site-notes/").text.count("<textarea")
with app.app_context(), transaction():
    courses.finish_lesson(person_id=made.person_id, lesson_code="2.4-1", at=clock.now())
told["after"] = client.get("/site-notes/").text.count("<textarea")
saved = client.post("/site-notes/2.4-1", data={"text": "核对专户协议"}, follow_redirects=True)
told["saved"] = "核对专户协议" in saved.text
told["too_long"] = client.post("/site-notes/2.4-1", data={"text": "长" * 501}).status_code
told["nobody"] = app.test_client().get("/site-notes/").status_code
with app.app_context():
    command.downgrade(migrate.config(), "site_notes@base")
    with db.engine.connect() as connection:
        told["people_left"] = connection.execute(text("SELECT count(*) FROM accounts_person")).scalar()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plugin in a folder that only the child processes look into."""
    target = tmp_path_factory.mktemp("site-packages")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", target, SAMPLE],
        check=True,
        timeout=120,
    )
    return target


def run(code: str, data_dir: Path, installed: Path, database_url: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{installed}{os.pathsep}{ROOT}",
        "LMS_DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_guides_plugin_adds_a_page_a_table_and_a_listener(
    engine: str, installed: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("fresh_postgres_url") if engine == "postgres" else ""
    done = run(STORY, tmp_path, installed, url)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("plugins")[-1] == "site_notes"
    assert told == {
        "home": True,
        "before": 0,
        "after": 1,
        "saved": True,
        "too_long": 422,
        "nobody": 302,
        "people_left": 1,
    }


def test_a_broken_plugin_stops_the_start_and_is_named(installed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / "lms_broken-1.0.dist-info").mkdir(parents=True)
    (broken / "lms_broken-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: lms-broken\nVersion: 1.0\n"
    )
    (broken / "lms_broken-1.0.dist-info" / "entry_points.txt").write_text("[lms.plugins]\nbroken = lms_broken:plugin\n")
    (broken / "lms_broken.py").write_text(
        "from lms.core.plugin import Plugin\nplugin = Plugin(name='broken', title='坏', requires=('nowhere',))\n"
    )
    done = run("from lms.app import create_app; create_app()", tmp_path / "data", broken)
    assert done.returncode != 0
    assert "broken" in done.stderr
    assert "nowhere" in done.stderr


def test_third_party_plugins_can_be_left_out(installed: Path, tmp_path: Path) -> None:
    code = (
        "import os; os.environ['LMS_PLUGINS'] = '0'\n"
        "from lms.app import create_app; print('site_notes' in create_app().blueprints)"
    )
    assert run(code, tmp_path, installed).stdout.strip() == "False"
