"""One call each into our own services."""

from lms.courses import services
from lms.search.events import IndexCleared


def on_index_cleared(_event: IndexCleared) -> None:
    """An emptied search index gets our items, lessons, forms and law articles again."""
    services.index_all()
