"""An institution's own items and lessons."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.courses import services
from lms.courses.forms import ItemForm, LessonForm, show
from lms.courses.rules.kinds import ItemGroup
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires


@blueprint.route("/syllabus/new", methods=["GET", "POST"])
@requires("courses.manage")
def add_item() -> Response | str:
    """Add an own item."""
    actor, form = current_actor(), ItemForm()
    if form.validate_on_submit():
        try:
            with transaction():
                code = services.create_local_item(
                    organisation_id=actor.organisation_id,
                    group=ItemGroup(form.group.data),
                    title=form.title.data or "",
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            show(form, error)
        else:
            flash(f"已增加本地条目 {code}。下一步：为它编写课文。", "success")
            return redirect(url_for("courses.show_item", code=code))
    return render_template("courses/item_form.html", form=form, item=None, section=SECTION)


@blueprint.route("/syllabus/<code>/edit", methods=["GET", "POST"])
@requires("courses.manage")
def edit_item(code: str) -> Response | str:
    """Change an own item; official ones are not found here."""
    actor = current_actor()
    item = services.get_local_item(organisation_id=actor.organisation_id, code=code)
    form = ItemForm(data={"title": item.title, "group": item.group.value})
    if form.validate_on_submit():
        try:
            with transaction():
                services.update_local_item(
                    organisation_id=actor.organisation_id,
                    code=code,
                    group=ItemGroup(form.group.data),
                    title=form.title.data or "",
                    at=clock.now(),
                    actor_id=actor.person_id,
                )
        except Invalid as error:
            show(form, error)
        else:
            flash(f"条目 {code} 已保存。", "success")
            return redirect(url_for("courses.show_item", code=code))
    return render_template("courses/item_form.html", form=form, item=item, section=SECTION)


@blueprint.route("/syllabus/<code>/lessons/new", methods=["GET", "POST"])
@requires("courses.manage")
def add_lesson(code: str) -> Response | str:
    """Write a new lesson of an own item."""
    item = services.get_local_item(organisation_id=current_actor().organisation_id, code=code)
    lessons = services.lessons_of_items(codes=[code])[code]
    position = max((lesson.position for lesson in lessons), default=0) + 1
    form = LessonForm(data={"position": position, "minutes": 45, "as_of": clock.local_date(clock.now())})
    return _lesson_page(form, item, lesson_code=None)


@blueprint.route("/lessons/<code>/edit", methods=["GET", "POST"])
@requires("courses.manage")
def edit_lesson(code: str) -> Response | str:
    """Revise a lesson of an own item; the old text is kept."""
    item, draft = services.get_local_lesson(organisation_id=current_actor().organisation_id, code=code)
    return _lesson_page(LessonForm(obj=draft), item, lesson_code=code)


def _lesson_page(form: LessonForm, item: services.ItemView, *, lesson_code: str | None) -> Response | str:
    preview = None
    if form.is_submitted() and request.form.get("preview"):
        preview, complaints = services.preview_lesson(source=form.source.data or "")
        form.source.errors = complaints
    elif form.validate_on_submit():
        saved = _save_lesson(form, item, lesson_code)
        if saved is not None:
            flash(f"课文 {saved} 已保存，学员打开时看到的就是这一版。", "success")
            return redirect(url_for("courses.show_item", code=item.code))
    return render_template(
        "courses/lesson_form.html", form=form, item=item, code=lesson_code, preview=preview, section=SECTION
    )


def _save_lesson(form: LessonForm, item: services.ItemView, lesson_code: str | None) -> str | None:
    actor = current_actor()
    try:
        with transaction():
            return services.save_local_lesson(
                organisation_id=actor.organisation_id,
                item_code=item.code,
                code=lesson_code,
                draft=form.draft(),
                at=clock.now(),
                actor_id=actor.person_id,
            )
    except Invalid as error:
        show(form, error)
        return None


@blueprint.post("/lessons/<code>/retire")
@requires("courses.manage")
def retire_lesson(code: str) -> Response:
    """Take an own lesson out of use."""
    actor = current_actor()
    with transaction():
        item_code = services.retire_local_lesson(
            organisation_id=actor.organisation_id, code=code, at=clock.now(), actor_id=actor.person_id
        )
    flash(f"课文 {code} 已停用，已得的学时和修订记录都保留。", "success")
    return redirect(url_for("courses.show_item", code=item_code))
