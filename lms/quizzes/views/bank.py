"""The question bank as staff see it."""

from flask import render_template, request

from lms.courses import services as courses
from lms.quizzes import services
from lms.quizzes.rules.kinds import Difficulty, Kind
from lms.quizzes.views.blueprint import BANK_SECTION, blueprint
from lms.web.access import current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (
    Column("代码", sort="slug"),
    Column("试题"),
    Column("题型"),
    Column("难度", sort="difficulty"),
    Column("版本", sort="number", numeric=True),
    Column("状态"),
)
STATES = {"in_use": "使用中", "held": "待复核", "retired": "已停用"}


@blueprint.get("/question-bank/")
@requires("quizzes.read")
def list_questions() -> str:
    """List the bank: searched in stems, filtered by item, kind and difficulty."""
    chosen = {name: request.args.get(name, "")[:16] for name in ("item", "kind", "difficulty", "state")}
    page = services.list_questions(
        query=read_query(),
        item_code=chosen["item"],
        kind=chosen["kind"],
        difficulty=chosen["difficulty"],
        state=chosen["state"],
    )
    return render_template(
        "quizzes/bank.html",
        page=page,
        columns=COLUMNS,
        chosen=chosen,
        items=courses.list_items(organisation_id=None),
        kinds=list(Kind),
        difficulties=list(Difficulty),
        states=STATES,
        section=BANK_SECTION,
    )


@blueprint.get("/question-bank/<int:question_id>")
@requires("quizzes.read")
def show_question(question_id: int) -> str:
    """Show a question with its key, its sources and all its versions."""
    actor = current_actor()
    found = services.get_question(organisation_id=actor.organisation_id, question_id=question_id)
    return render_template("quizzes/question.html", found=found, section=BANK_SECTION)
