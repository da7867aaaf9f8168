"""The name-plate of search."""

from lms.core.plugin import Plugin
from lms.search.cli import search_group
from lms.search.views import blueprint

plugin = Plugin(
    name="search",
    title="全文搜索",
    requires=("accounts",),
    blueprint=blueprint,
    cli=(search_group,),
)
