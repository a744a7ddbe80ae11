"""The process that draws and examines. Start with :mod:`worker.loop`.

A worker claims jobs and keeps them by ``leases``, draws pairs (``pair_renderer``, one ``arm_renderer`` for
each arm, models from the ``model_pool``), has them examined (``check_runner``), reports ``progress``, and
saves each pair whole. When it dies at any moment, its leases end and its jobs are free again.
"""
