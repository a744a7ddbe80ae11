"""Statistics behind the gates: numbers in, numbers out; no record, no file, no clock is touched here.

One family of statistics, one file:

``preference``   betting evidence for and against the candidate, valid however often it is read
``proportions``  shares and paired differences of shares (Wilson, Clopper–Pearson, Newcombe, McNemar)
``latency``      paired ratios of timings (Hodges–Lehmann, signed rank, cluster bootstrap)
``canary``       errors of a small share of live traffic against the rest
``agreement``    whether the panel may be believed (Krippendorff's alpha, side bias, known answers, veto)
``panel``        a simulated panel: what a plan can and cannot detect, before its first verdict

Quantiles come from :mod:`scipy.special`, which loads in a fraction of the time of :mod:`scipy.stats`;
the tests hold every function against the latter.
"""
