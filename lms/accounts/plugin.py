"""The name-plate of accounts."""

from lms.core.plugin import Plugin

plugin = Plugin(name="accounts", title="人员与机构", requires=())
