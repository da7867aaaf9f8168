"""The foundation under every plugin: database, events, plugin record, errors, clock, audit, crypto, jobs."""
