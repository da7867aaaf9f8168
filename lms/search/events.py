"""What happened in search."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class IndexCleared(Event):
    """The index was emptied to be built anew: whoever has documents pushes all of them again."""

    at: datetime
