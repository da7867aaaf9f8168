"""The law register: documents, articles, and citations as chips."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from sqlalchemy import ScalarSelect, func, select

from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.listing import ListPage, ListQuery, fetch
from lms.courses.models import ArticleChange, Law, LawArticle
from lms.courses.rules.kinds import ChangeKind
from lms.courses.rules.naming import chip_label
from lms.courses.services.records import ArticleView, CitationView, LawView

NO_LAW = "法规库里没有这部文件。请从“法规”列表查找。"
NO_ARTICLE = "法规库里没有登记这一条。请从文件目录查找。"


def _latest_change() -> ScalarSelect[str]:
    """Select what last happened to an article while the register still holds its old text; null when nothing did."""
    return (
        select(ArticleChange.kind)
        .where(
            ArticleChange.law_slug == LawArticle.law_slug,
            ArticleChange.no == LawArticle.no,
            ArticleChange.old_sha256 == LawArticle.sha256,
        )
        .order_by(ArticleChange.id.desc())
        .limit(1)
        .correlate(LawArticle)
        .scalar_subquery()
    )


def _as_law(row: Law, changed: int = 0) -> LawView:
    return LawView(
        slug=row.slug,
        title=row.title,
        short_title=row.short_title,
        number=row.number,
        issuer=row.issuer,
        region=row.region,
        effective_on=row.effective_on,
        amended_on=row.amended_on,
        status=row.status,
        text_status=row.text_status,
        note=row.note,
        changed=changed,
    )


def _as_article(article: LawArticle, law: Law, change: str | None = None) -> ArticleView:
    return ArticleView(
        law_slug=law.slug,
        law_title=law.title,
        short_title=law.short_title,
        no=article.no,
        gist=article.gist,
        number=law.number,
        effective_on=law.effective_on,
        amended_on=law.amended_on,
        status=law.status,
        text_status=law.text_status,
        issuer=law.issuer,
        change=ChangeKind(change) if change else None,
    )


def list_laws(*, query: ListQuery) -> ListPage[LawView]:
    """Return the register, searched in titles, numbers, issuers and regions; national documents come first."""
    changed = (
        select(func.count(ArticleChange.no.distinct()))
        .join(LawArticle, (LawArticle.law_slug == ArticleChange.law_slug) & (LawArticle.no == ArticleChange.no))
        .where(ArticleChange.law_slug == Law.slug, LawArticle.sha256 == ArticleChange.old_sha256)
        .correlate(Law)
        .scalar_subquery()
    )
    page = fetch(
        select(Law, changed.label("changed")),
        query,
        searchable=(Law.title, Law.short_title, Law.number, Law.issuer, Law.region),
        default_sort=((Law.region != "全国"), Law.title),
    )
    return ListPage([_as_law(law, changed) for law, changed in page.rows], page.total, page.query)


def law_titles() -> dict[str, str]:
    """Return the short title of every law by slug."""
    return {row.slug: row.short_title for row in db.session.execute(select(Law.slug, Law.short_title))}


def get_law(*, slug: str) -> tuple[LawView, list[ArticleView]]:
    """Return a law with its registered articles in order."""
    law = db.session.get(Law, slug)
    if law is None:
        raise NotFound(NO_LAW)
    statement = select(LawArticle, _latest_change()).where(LawArticle.law_slug == slug).order_by(LawArticle.position)
    articles = [_as_article(article, law, change) for article, change in db.session.execute(statement)]
    return _as_law(law, sum(article.change is not None for article in articles)), articles


def get_article(*, slug: str, no: str) -> ArticleView:
    """Return one article with what the citation sheet shows of its law."""
    statement = (
        select(LawArticle, Law, _latest_change())
        .join(Law, Law.slug == LawArticle.law_slug)
        .where(LawArticle.law_slug == slug, LawArticle.no == no)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_ARTICLE)
    return _as_article(row[0], row[1], row[2])


def articles_of(*, sources: Iterable[tuple[str, str]]) -> list[ArticleView]:
    """Return articles by (law, article), each once, in the order given; unregistered ones are left out. One query."""
    wanted = list(dict.fromkeys(sources))
    if not wanted:
        return []
    statement = (
        select(LawArticle, Law)
        .join(Law, Law.slug == LawArticle.law_slug)
        .where(LawArticle.law_slug.in_({slug for slug, _no in wanted}), LawArticle.no.in_({no for _slug, no in wanted}))
    )
    found = {(law.slug, article.no): _as_article(article, law) for article, law in db.session.execute(statement)}
    return [found[source] for source in wanted if source in found]


def known_articles() -> set[tuple[str, str]]:
    """Return (slug, article) of everything that may be cited."""
    statement = select(LawArticle.law_slug, LawArticle.no)
    return {(slug, no) for slug, no in db.session.execute(statement)}


def article_address(slug: str, no: str) -> str:
    """Return the address of an article's page."""
    return f"/laws/{slug}/{quote(no)}"


def citations(sources: Iterable[Mapping[str, str]]) -> list[CitationView]:
    """Return sources (`law`, `article`) as chips; one query however many there are."""
    wanted = [(source["law"], source["article"]) for source in sources]
    titles = law_titles() if wanted else {}
    return [CitationView(chip_label(titles.get(slug, slug), no), article_address(slug, no)) for slug, no in wanted]
