"""The diagrams that lessons may show, the periods in them, and the articles they stand on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram: its title, the line below it, its articles as (law, article)."""

    title: str
    caption: str
    sources: tuple[tuple[str, str], ...]


DIAGRAMS = {
    "wage-account-flow": Diagram("", "", ()),
    "account-timeline": Diagram("", "", ()),
    "deposit-timeline": Diagram("", "", ()),
    "dispute-path": Diagram("", "", ()),
    "monthly-signatures": Diagram("", "", ()),
}
