"""The syllabus as staff see it: items, lessons, coverage, revisions."""

from flask import render_template

from lms.accounts import services as accounts
from lms.courses import services
from lms.courses.rules.kinds import ItemGroup
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires


@blueprint.get("/syllabus/")
@requires("courses.syllabus")
def show_syllabus() -> str:
    """All items by part with lessons, minutes and last review."""
    entries = services.coverage(organisation_id=current_actor().organisation_id)
    official = [entry for entry in entries if not entry.item.is_local]
    return render_template(
        "courses/syllabus.html",
        groups=[(group, [entry for entry in official if entry.item.group == group]) for group in ItemGroup],
        local=[entry for entry in entries if entry.item.is_local],
        official=official,
        section=SECTION,
    )


@blueprint.get("/syllabus/<code>")
@requires("courses.syllabus")
def show_item(code: str) -> str:
    """One item with its lessons."""
    item = services.get_item(organisation_id=current_actor().organisation_id, code=code)
    lessons = services.lessons_of_items(codes=[code])[code]
    return render_template("courses/item.html", item=item, lessons=lessons, section=SECTION)


@blueprint.get("/lessons/<code>/revisions")
@requires("courses.syllabus")
def list_revisions(code: str) -> str:
    """All revisions of a lesson."""
    organisation_id = current_actor().organisation_id
    lesson = services.get_lesson(code=code, organisation_id=organisation_id)
    revisions = services.list_revisions(organisation_id=organisation_id, code=code)
    authors = {revision.author_id for revision in revisions if revision.author_id}
    people = accounts.get_people(organisation_id=organisation_id, person_ids=authors) if authors else {}
    return render_template("courses/revisions.html", lesson=lesson, revisions=revisions, people=people, section=SECTION)


@blueprint.get("/lessons/<code>/revisions/<int:number>")
@requires("courses.syllabus")
def show_revision(code: str, number: int) -> str:
    """One revision as it was shown."""
    organisation_id = current_actor().organisation_id
    lesson = services.get_lesson(code=code, organisation_id=organisation_id)
    revision = services.get_revision(organisation_id=organisation_id, code=code, number=number)
    return render_template("courses/revision.html", lesson=lesson, revision=revision, section=SECTION)
