"""Questions as search finds them: what they ask and why the answer is right; those under review are not found."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from lms.core.db import db
from lms.quizzes.models import Question, QuestionVersion
from lms.search import services as search

QUESTIONS = search.Shelf("question", "试题", 20)
_FINDABLE = (Question.retired_at.is_(None), Question.held_at.is_(None))  # what is under review may be wrong
_MANY = 200  # questions read at a time


def index_questions() -> None:
    """Push the questions that the index does not have as they are, drop those no longer in use or under review."""
    in_use = select(Question.slug, Question.content_hash).where(*_FINDABLE)
    search.bring_up(shelf=QUESTIONS, stamps=dict(db.session.execute(in_use).all()), documents=_documents)


def index_some(*, slugs: Collection[str]) -> None:
    """Push some questions as they are now, or drop them when they are not in use or under review."""
    documents = list(_documents(sorted(slugs)))
    search.put(shelf=QUESTIONS, documents=documents)
    search.drop(kind=QUESTIONS.kind, refs=set(slugs) - {document.ref for document in documents})


def _documents(slugs: list[str]) -> Iterator[search.Document]:
    for start in range(0, len(slugs), _MANY):
        statement = (
            select(
                Question.id,
                Question.slug,
                Question.item_code,
                Question.content_hash,
                QuestionVersion.knowledge_point,
                QuestionVersion.shown,
                QuestionVersion.answer_key,
            )
            .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
            .where(Question.slug.in_(slugs[start : start + _MANY]), *_FINDABLE)
        )
        for row in db.session.execute(statement):
            yield search.Document(
                ref=row.slug,
                stamp=row.content_hash,
                title=search.plain_text(row.shown["stem"]).replace("\n", " "),
                text="\n".join([row.knowledge_point, *_texts(row.shown, row.answer_key)]),
                href=f"/practice/{row.item_code}",
                permission="quizzes.take",
                item_code=row.item_code,
                staff_href=f"/question-bank/{row.id}",
                staff_permission="quizzes.read",
            )


def _texts(shown: Mapping[str, Any], key: Mapping[str, Any]) -> Iterator[str]:
    """Yield what explains a question: explanation, why each option is chosen; of a case also what its parts ask."""
    for html in (key.get("explanation", ""), *key.get("why", ())):
        if html:
            yield search.plain_text(html)
    for part, part_key in zip(shown.get("parts", ()), key.get("parts", ()), strict=True):
        yield search.plain_text(part["stem"])
        yield from _texts(part, part_key)
