"""待复核: changed articles, what waits because of each, and a reviewer's word on it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import Invalid
from lms.core.reviews import Outcome
from lms.courses import services
from lms.courses.forms import BulkReviewForm, ReviewForm, show
from lms.courses.views.blueprint import SECTION, blueprint
from lms.web.access import Actor, current_actor, requires
from lms.web.tables import Column, read_query

COLUMNS = (
    Column("条文"),
    Column("变化"),
    Column("发现"),
    Column("课文", numeric=True),
    Column("试题", numeric=True),
    Column("已复核", numeric=True),
)
_MOST_NAMED = 20  # subjects in one message


@blueprint.get("/reviews/")
@requires("courses.review")
def list_reviews() -> str:
    """The changed articles for which something waits; with `?all=1` those that are done too."""
    actor = current_actor()
    everything = bool(request.args.get("all"))
    page = services.list_changes(organisation_id=actor.organisation_id, query=read_query(), waiting_only=not everything)
    return render_template(
        "courses/reviews.html",
        page=page,
        columns=COLUMNS,
        everything=everything,
        may_clear=_may_clear_official(actor),
        section=SECTION,
    )


@blueprint.route("/reviews/changes/<int:change_id>", methods=["GET", "POST"])
@requires("courses.review")
def show_change(change_id: int) -> ResponseReturnValue:
    """One changed article beside what the law says now, and what cites it; the form clears what is ticked."""
    actor, form = current_actor(), BulkReviewForm()
    if form.validate_on_submit():
        try:
            return redirect(_clear_ticked(form, change_id, actor))
        except Invalid as error:
            show(form, error)
    change, reviews = services.get_change(organisation_id=actor.organisation_id, change_id=change_id)
    official = _may_clear_official(actor)
    page = render_template(
        "courses/review_change.html",
        change=change,
        reviews=reviews,
        form=form,
        ticked=set(form.review.data or ()),
        may_clear=official,
        waiting=_waiting(reviews, official=official),
        section=SECTION,
    )
    return page, form.page_status


@blueprint.route("/reviews/<int:review_id>", methods=["GET", "POST"])
@requires("courses.review")
def review_subject(review_id: int) -> ResponseReturnValue:
    """One lesson or question beside the changed article; the form clears it and leads on to the next."""
    actor, form = current_actor(), ReviewForm()
    change, review = services.get_review(organisation_id=actor.organisation_id, review_id=review_id)
    if form.validate_on_submit():
        try:
            _clear(form, review_id, actor)
        except Invalid as error:
            show(form, error)
        else:
            return redirect(_next(change, review, actor))
    passages = []
    if review.kind == services.SubjectKind.LESSON:
        passages = services.lesson_passages(code=review.subject, law_slug=change.law_slug, no=change.no)
    page = render_template(
        "courses/review.html",
        change=change,
        review=review,
        form=form,
        passages=passages,
        may_clear=_may_clear(actor, review),
        section=SECTION,
    )
    return page, form.page_status


def _clear(form: ReviewForm, review_id: int, actor: Actor) -> None:
    with transaction():
        services.clear_review(
            review_id=review_id,
            organisation_id=actor.organisation_id,
            roles=actor.roles,
            verdict=_verdict(form, actor),
            at=clock.now(),
            actor_id=actor.person_id,
        )


def _clear_ticked(form: BulkReviewForm, change_id: int, actor: Actor) -> str:
    """Clear all that was ticked in one transaction and return where to go on."""
    with transaction():
        cleared = services.clear_reviews(
            change_id=change_id,
            review_ids=set(form.review.data or ()),
            organisation_id=actor.organisation_id,
            roles=actor.roles,
            verdict=_verdict(form, actor),
            at=clock.now(),
            actor_id=actor.person_id,
        )
    if cleared.before:
        named = "、".join(cleared.before[:_MOST_NAMED]) + ("等" if len(cleared.before) > _MOST_NAMED else "")
        flash(f"{named} 共 {len(cleared.before)} 项已经复核过，没有重复登记，原来的记录不变。", "warning")
    change, reviews = services.get_change(organisation_id=actor.organisation_id, change_id=change_id)
    left = len(_waiting(reviews, official=_may_clear_official(actor)))
    rest = f"这一条还有 {left} 项" if left else f"{change.name}的复核已全部完成"
    if cleared.now:
        flash(f"{len(cleared.now)} 项已复核，{rest}。", "success")
    return url_for("courses.show_change", change_id=change_id) if left else url_for("courses.list_reviews")


def _verdict(form: ReviewForm, actor: Actor) -> services.ReviewVerdict:
    return services.ReviewVerdict(reviewer=actor.name, outcome=Outcome(form.outcome.data), note=form.note.data or "")


def _next(change: services.ChangeView, done: services.ReviewView, actor: Actor) -> str:
    """Return where to go on: the next one that waits because of the same article, else the list."""
    _change, reviews = services.get_change(organisation_id=actor.organisation_id, change_id=change.id)
    waiting = _waiting(reviews, official=_may_clear_official(actor))
    word = f"{done.kind.heading} {done.subject} 已复核"
    if waiting:
        flash(f"{word}，这一条还有 {len(waiting)} 项。", "success")
        return url_for("courses.review_subject", review_id=waiting[0].id)
    flash(f"{word}，{change.name}的复核已全部完成。", "success")
    return url_for("courses.list_reviews")


def _waiting(reviews: Sequence[services.ReviewView], *, official: bool) -> list[services.ReviewView]:
    """Return the open ones that the person may clear; official: those of everybody too."""
    return [review for review in reviews if review.is_open and (official or review.owner_id is not None)]


def _may_clear_official(actor: Actor) -> bool:
    return services.may_clear_official(organisation_id=actor.organisation_id, roles=actor.roles)


def _may_clear(actor: Actor, review: services.ReviewView) -> bool:
    return review.owner_id is not None or _may_clear_official(actor)
