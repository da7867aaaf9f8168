"""A third-party plugin in miniature: a page, a table with its own migration branch, a listener, a page part."""
