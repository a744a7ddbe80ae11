"""The only SQL of Sidegrade, and the only code that writes files of renders.

:class:`db.store.Store` opens everything; one module per noun holds its verbs. A verb is one transaction:
records of :mod:`core.records` go in, records come out, and no session, row or connection ever leaves.

Read in this order: ``columns`` (how a record becomes columns), ``tables``, ``database`` (transactions), then
any noun. ``dialects`` holds what differs between SQLite and PostgreSQL, ``translation`` turns their errors
into Sidegrade's; ``database_file`` notices when SQLite's file is gone, ``copies`` copies a whole database.
The review desk has several files: ``reviews`` is its front, ``verdicts`` stores what was said and
``queue_rows`` what follows from it, ``desk`` and ``filters`` find pairs, ``handouts`` draws sides, ``queue``
makes blind items.
"""
