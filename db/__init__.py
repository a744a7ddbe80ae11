"""The only SQL of Sidegrade, and the only code that writes files of renders.

:class:`db.store.Store` opens everything; one module per noun holds its verbs. A verb is one transaction:
records of :mod:`core.records` go in, records come out, and no session, row or connection ever leaves.

Read in this order: ``columns`` (how a record becomes columns), ``tables``, ``database`` (transactions and
the translation of errors), then any noun.
"""
