"""An institution's own items and lessons."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
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
def add_item() -> ResponseReturnValue:
    """Add an own item."""
    return _item_page(ItemForm(), None)


@blueprint.route("/syllabus/<code>/edit", methods=["GET", "POST"])
@requires("courses.manage")
def edit_item(code: str) -> ResponseReturnValue:
    """Change an own item; official ones are not found here."""
    item = services.get_local_item(organisation_id=current_actor().organisation_id, code=code)
    return _item_page(ItemForm(data={"title": item.title, "group": item.group.value}), item)


def _item_page(form: ItemForm, item: services.ItemView | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            code = _save_item(form, item)
        except Invalid as error:
            show(form, error)
        else:
            flash(
                f"已增加本地条目 {code}。下一步：为它编写课文。" if item is None else f"条目 {code} 已保存。", "success"
            )
            return redirect(url_for("courses.show_item", code=code))
    page = render_template("courses/item_form.html", form=form, item=item, section=SECTION)
    return page, form.page_status


def _save_item(form: ItemForm, item: services.ItemView | None) -> str:
    actor, group, title = current_actor(), ItemGroup(form.group.data), form.title.data or ""
    with transaction():
        if item is None:
            return services.create_local_item(
                organisation_id=actor.organisation_id,
                group=group,
                title=title,
                at=clock.now(),
                actor_id=actor.person_id,
            )
        services.update_local_item(
            organisation_id=actor.organisation_id,
            code=item.code,
            group=group,
            title=title,
            at=clock.now(),
            actor_id=actor.person_id,
        )
    return item.code


@blueprint.route("/syllabus/<code>/lessons/new", methods=["GET", "POST"])
@requires("courses.manage")
def add_lesson(code: str) -> ResponseReturnValue:
    """Write a new lesson of an own item."""
    item = services.get_local_item(organisation_id=current_actor().organisation_id, code=code)
    lessons = services.lessons_of_items(codes=[code])[code]
    position = max((lesson.position for lesson in lessons), default=0) + 1
    form = LessonForm(data={"position": position, "minutes": 45, "as_of": clock.local_date(clock.now())})
    return _lesson_page(form, item, lesson_code=None)


@blueprint.route("/lessons/<code>/edit", methods=["GET", "POST"])
@requires("courses.manage")
def edit_lesson(code: str) -> ResponseReturnValue:
    """Revise a lesson of an own item; the old text is kept."""
    item, draft = services.get_local_lesson(organisation_id=current_actor().organisation_id, code=code)
    return _lesson_page(LessonForm(obj=draft), item, lesson_code=code)


def _lesson_page(form: LessonForm, item: services.ItemView, *, lesson_code: str | None) -> ResponseReturnValue:
    preview, status = None, form.page_status
    if form.is_submitted() and request.form.get("preview"):
        status = 200
        preview, complaints = services.preview_lesson(source=form.source.data or "")
        form.source.errors = complaints
    elif form.validate_on_submit():
        saved = _save_lesson(form, item, lesson_code)
        if saved is not None:
            flash(f"课文 {saved} 已保存，学员打开时看到的就是这一版。", "success")
            return redirect(url_for("courses.show_item", code=item.code))
    page = render_template(
        "courses/lesson_form.html", form=form, item=item, code=lesson_code, preview=preview, section=SECTION
    )
    return page, status


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
