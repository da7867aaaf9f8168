"""Courses: which items, in which order, with how many minutes."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.courses import services
from lms.courses.forms import CourseForm, plan_rows, read_plan, show
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import current_actor, requires


@blueprint.get("/courses/")
@requires("courses.syllabus")
def list_courses() -> str:
    """The institution's courses."""
    courses = services.list_courses(organisation_id=current_actor().organisation_id)
    return render_template("courses/courses.html", courses=courses, section=SECTION)


@blueprint.get("/courses/<int:course_id>")
@requires("courses.syllabus")
def show_course(course_id: int) -> str:
    """One course with its items in order."""
    course = services.get_course(organisation_id=current_actor().organisation_id, course_id=course_id)
    return render_template("courses/course.html", course=course, section=SECTION)


@blueprint.route("/courses/new", methods=["GET", "POST"])
@requires("courses.manage")
def add_course() -> ResponseReturnValue:
    """Make a course; all official items are proposed with the minutes of their lessons."""
    return _course_page(CourseForm(), None)


@blueprint.route("/courses/<int:course_id>/edit", methods=["GET", "POST"])
@requires("courses.manage")
def edit_course(course_id: int) -> ResponseReturnValue:
    """Change a course."""
    course = services.get_course(organisation_id=current_actor().organisation_id, course_id=course_id)
    return _course_page(CourseForm(obj=course), course)


def _course_page(form: CourseForm, course: services.CourseView | None) -> ResponseReturnValue:
    actor = current_actor()
    if form.validate_on_submit():
        try:
            course_id = _save(form, course)
        except Invalid as error:
            show(form, error)
        else:
            flash(f"课程“{form.name.data}”已保存。", "success")
            return redirect(url_for("courses.show_course", course_id=course_id))
    entered = request.form if form.is_submitted() else None
    rows = plan_rows(services.coverage(organisation_id=actor.organisation_id), course, entered)
    page = render_template("courses/course_form.html", form=form, course=course, rows=rows, section=SECTION)
    return page, form.page_status


def _save(form: CourseForm, course: services.CourseView | None) -> int:
    actor, items, name = current_actor(), read_plan(request.form), form.name.data or ""
    with transaction():
        if course is None:
            return services.create_course(
                organisation_id=actor.organisation_id,
                name=name,
                items=items,
                at=clock.now(),
                actor_id=actor.person_id,
            )
        services.update_course(
            organisation_id=actor.organisation_id,
            course_id=course.id,
            name=name,
            items=items,
            at=clock.now(),
            actor_id=actor.person_id,
        )
    return course.id
