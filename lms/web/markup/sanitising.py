"""What may stand in a rendered text: one allow-list, applied by bleach and then by nh3."""

import re

import bleach
import nh3

TAGS = frozenset(
    (
        *("h2", "h3", "h4", "p", "blockquote", "hr", "div", "ul", "ol", "li", "input", "label"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "span", "strong", "em", "code", "br"),
        *("details", "summary", "figure", "figcaption", "img", "dl", "dt", "dd"),
    )
)
CLASSES = frozenset(
    (
        *("cite", "cite-unknown", "outside", "table", "table-box", "task", "task-box", "task-label"),
        *("box", "box-local", "box-tip", "box-warning", "box-example", "box-title", "box-kind"),
        *("fold", "fold-answer", "fold-more", "minutes", "diagram", "diagram-link"),
        *("form-paper", "form-title", "form-purpose", "form-fields", "form-table", "form-cards", "form-note"),
        *(
            "form-signatures",
            "form-sections",
            "form-section",
            "form-links",
            "form-more",
            "form-blank",
            "form-long",
            "form-wide",
            "number",
            "unbroken",
        ),
    )
)
_ALIGN = re.compile(r"left|right|center")
_ANY = re.compile(r".{1,200}", re.DOTALL)
_CLASS = re.compile(rf"(?:{'|'.join(sorted(CLASSES))})(?: (?:{'|'.join(sorted(CLASSES))}))*")
_HEADING_ID = {"id": re.compile(r"h-[0-9a-f]{8}(?:_\d+)?")}
_TASK_ID = re.compile(r"task-[0-9a-f]{8}(?:-\d+)?")

_ADDRESSES = (
    r"/laws/[a-z0-9-]+/[^\s\"'<>/?#]+",
    r"https://[^\s\"'<>]+",
    r"#h-[0-9a-f]{8}",
    r"/diagrams/[a-z0-9-]+",
    r"/forms/[a-z0-9-]+(?:\.xlsx|\?view=(?:empty|filled)(?:&(?:amp;)?print=1)?)?",  # bleach shows & as it is written
)
_SIZE = re.compile(r"[1-9]\d{0,3}")

# tag → attribute → what its value must be, whole
ALLOWED: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {
        "class": _CLASS,
        "href": re.compile("|".join(_ADDRESSES)),
        "rel": re.compile(r"noopener noreferrer"),
    },
    "dd": {"class": _CLASS},
    "details": {"class": _CLASS},
    "div": {
        "aria-label": _ANY,
        "class": _CLASS,
        "role": re.compile(r"region|note"),
        "tabindex": re.compile("0"),
    },
    "dl": {"class": _CLASS},
    "figure": {"class": _CLASS},
    "h2": _HEADING_ID,
    "h3": _HEADING_ID,
    "h4": _HEADING_ID,
    "img": {
        "alt": _ANY,
        "height": _SIZE,
        "loading": re.compile("lazy"),
        "src": re.compile(r"/diagrams/[a-z0-9-]+\.svg\?v=[0-9a-f]{12}"),
        "width": _SIZE,
    },
    "input": {
        "checked": re.compile(r"checked|"),
        "class": _CLASS,
        "id": _TASK_ID,
        "type": re.compile("checkbox"),
    },
    "label": {"class": _CLASS, "for": _TASK_ID},
    "li": {"class": _CLASS},
    "ol": {"start": re.compile(r"\d{1,4}")},
    "p": {"class": _CLASS},
    "span": {"class": _CLASS},
    "table": {"class": _CLASS},
    "td": {"align": _ALIGN, "class": _CLASS, "data-label": _ANY},
    "th": {"align": _ALIGN, "class": _CLASS, "scope": re.compile("col|row")},
}
_NAMES = {tag: set(attributes) for tag, attributes in ALLOWED.items()}


def sanitise(html: str) -> str:
    """Return the HTML with everything removed that is not on the list.

    bleach is no longer maintained, so nh3 judges its result again by the same list.
    """
    first = bleach.clean(html, tags=TAGS, attributes=_is_allowed, protocols={"https"}, strip=True)
    return nh3.clean(
        first,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes=_NAMES,
        attribute_filter=lambda tag, name, value: value if _is_allowed(tag, name, value) else None,
        set_tag_attribute_values={"input": {"type": "checkbox"}},
        url_schemes={"https"},
        link_rel=None,
        strip_comments=True,
    )


def _is_allowed(tag: str, name: str, value: str) -> bool:
    pattern = ALLOWED.get(tag, {}).get(name)
    return pattern is not None and pattern.fullmatch(value) is not None
