"""How text becomes tokens, a typed line a query, and a hit a snippet."""
