"""The other entrance, for terminals and pipelines: ``sidegrade …``, one file per group of commands.

A command parses, calls one thing in ``core`` or ``db`` and returns an :class:`~cli.call.Answer`; what every
command shares (``--json``, ``--home``, where output goes) stands in :mod:`cli.call`, and
:mod:`cli.main` turns each error into one message and one exit code.
"""
