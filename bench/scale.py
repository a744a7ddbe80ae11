"""What ten times the data costs: the queue, every page's data, and the evidence of each policy, at two sizes.

Each figure is CPU time of a process of its own, from which only the asking is counted; a process that takes
more than the limit is ended. Beside it what the same asking took before the sums were kept with the events,
measured by this comparison at commit 823a594 on the same machine.

Long: what every page asks stands beside what each asking took before.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from bench.review_queue import NOW, REVIEWERS
from bench.scale_homes import large_run, make_home
from core.config.settings import PROJECT, Settings
from core.gates.policies import find_policy
from core.records import ReviewFilter
from db.store import Store

SIZES: Final = ((4_000, 10_000), (40_000, 100_000))
"""Pairs of the large run, verdicts in the home."""
LIMIT_S: Final = 150
"""CPU seconds after which a process is ended."""
TIMES: Final = 3
LATER: Final = NOW + timedelta(hours=1)
ME: Final = REVIEWERS[0]
POLICIES: Final = PROJECT / "policies"
STARTED_UNDER: Final = "upgrade"


class Cost(NamedTuple):
    """What one asking costs; infinite when its process was ended."""

    cpu_ms: float
    peak_mb: float
    """Of the whole process, its imports included."""


Asking = Callable[[Store, Settings], object]


def queue(store: Store, settings: Settings) -> object:
    """The next 24 tasks of one reviewer."""
    return store.reviews.queue(ME, ReviewFilter(run_id=large_run(store).id), 24, now=LATER, controls=True)


def counts(store: Store, settings: Settings) -> object:
    """How much each filter of the desk holds."""
    return store.reviews.counts(ME, large_run(store).id)


def progress(store: Store, settings: Settings) -> object:
    """How far the large run is."""
    return store.runs.progress(large_run(store).id)


def review(store: Store, settings: Settings) -> object:
    """The desk as it opens."""
    from services.review.desk import next_page

    return next_page(store, ME, ReviewFilter(), limit=5, now=LATER)


def gallery(store: Store, settings: Settings) -> object:
    """A page of the wall of pairs."""
    from services.review.bulk import gallery_page

    return gallery_page(store, ME, ReviewFilter(run_id=large_run(store).id), offset=0, limit=60, now=LATER)


def runs(store: Store, settings: Settings) -> object:
    """The Runs page with the large run open."""
    from pages.components import findings
    from pages.components import runs as shown

    run, results = large_run(store), store.results
    progress = store.runs.progress_of(one.id for one in store.runs.list(limit=200))
    hits = results.failures(run.id)
    store.pairs.many(pair_id for hit in hits for pair_id, _ in hit.where)
    pairs = store.pairs.of_run(run.id, limit=shown.PER_PAGE)
    store.renders.of_pairs(pair.id for pair in pairs)
    ids = results.broken(run.id, limit=findings.PER_PAGE)
    broken = findings.broken(store.pairs.many(ids), store.measurements.of_pairs(ids))
    repeats = findings.repeats(results.repeated(run.id))
    cost = store.stakes.of_pairs({*broken, *findings.repeating(repeats)}, ME)
    return progress, results.examined(run.id), results.not_run(run.id), results.lettering(run.id), cost


def insights(store: Store, settings: Settings) -> object:
    """The Insights page of the large run."""
    from core.config.models import load_models
    from pages.components import summaries
    from pages.components.runs import models
    from services.insights import summary
    from services.runs import suite_runs

    run = large_run(store)
    suite_runs(store, limit=100)
    found = summary(store, run.id, models(run, load_models(settings.models_file)))
    for field, _, _ in summaries.TIMINGS:
        summaries.comparison(found.ratios[field])
    asked = store.insights
    return asked.by_tag(run.id), asked.by_day(run.id), asked.by_reviewer(run.id), asked.reasons(run.id)


def rollouts(store: Store, settings: Settings) -> object:
    """The Rollouts page, without its evidence."""
    from services.runs import suite_runs

    run = large_run(store)
    suite_runs(store, limit=100)
    store.pairs.met_elsewhere(run.id)
    attempts = store.runs.attempts(run.baseline_digest, run.candidate_digest)
    return store.decisions.events(run.id), store.evidence_version(), attempts


def golden(store: Store, settings: Settings) -> object:
    """The Golden set as one browses it."""
    return store.golden.entries(limit=10_000), store.golden.versions()


def golden_preview(store: Store, settings: Settings) -> object:
    """What promotion would change."""
    from core.golden.promotion import PromotionRule

    return store.golden.preview(LATER, PromotionRule(reviewers=2))


def models_page(store: Store, settings: Settings) -> object:
    """How the renders of every model went."""
    return store.insights.models(), store.selftests.latest()


def replay(store: Store, settings: Settings) -> object:
    """A render by the beginning of its id, with its history."""
    found = store.renders.find("large-00017")
    render = store.renders.get(found[0].id)
    return store.replays.of_render(render.id), store.jobs.of_subject(render.id)


def compare(store: Store, settings: Settings) -> object:
    """The Compare page with its earlier comparisons."""
    from services.runs import comparisons, noise_floor_of

    earlier = [store.pairs.of_run(one.id)[0] for one in comparisons(store, limit=12)]
    store.stakes.of_pairs([pair.id for pair in earlier], ME)
    store.renders.of_pairs(pair.id for pair in earlier)
    run = store.runs.get(earlier[0].run_id)
    noise_floor_of(store, run.baseline_digest)
    return store.measurements.of_pair(earlier[0].id), store.selftests.latest()


def evidence(policy: str) -> Asking:
    """Everything that a policy looks at, and all of its gates."""

    def judged(store: Store, settings: Settings) -> object:
        from services.rollouts import judge

        return judge(store, settings, large_run(store), find_policy(POLICIES, policy), LATER)

    return judged


ASKED: Final[Mapping[str, Asking]] = {
    "queue: next 24 tasks": queue,
    "queue: counts of every filter": counts,
    "progress of the run": progress,
    "page Review": review,
    "page Review, gallery": gallery,
    "page Runs": runs,
    "page Insights": insights,
    "page Rollouts, without evidence": rollouts,
    "page Golden set, browse": golden,
    "page Golden set, promote (preview)": golden_preview,
    "page Models": models_page,
    "page Replay": replay,
    "page Compare": compare,
    "evidence and gates, upgrade": evidence("upgrade"),
    "evidence and gates, same-model": evidence("same-model"),
}
AIMS_MS: Final[Mapping[str, float]] = {"queue": 20, "progress": 50, "page": 200, "evidence": 3000}
PREVIEW_AIM_MS: Final = 1000


def main() -> None:
    """Print the table, or the cost of one asking in one home."""
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--homes", type=Path, help="a folder in which the homes are kept and found again")
    parser.add_argument("--only", default="", help="the beginning of the names of what is asked")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one, Settings.from_env(os.environ, home=asked.homes))))
        return
    with tempfile.TemporaryDirectory() as folder:
        print_table(asked.homes or Path(folder), only=asked.only)


def print_table(folder: Path, *, only: str) -> None:
    """Make the homes, then ask each thing in each of them."""
    homes = [_home(folder / str(pairs), pairs, verdicts) for pairs, verdicts in SIZES]
    print("| asked | 10k | 100k | exponent | before: 10k | 100k | aim | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in ASKED:
        if name.startswith(only):
            costs = [in_a_process(name, home) for home in homes]
            print(row(name, costs), flush=True)


def row(name: str, costs: list[Cost]) -> str:
    """A line of the table."""
    small, large = costs
    grown = max(large.cpu_ms, 0.1) / max(small.cpu_ms, 0.1)
    growth = math.log10(grown) if math.isfinite(grown) else math.inf
    before = BEFORE_MS.get(name, (math.nan, math.nan))
    aim = PREVIEW_AIM_MS if "preview" in name else AIMS_MS[name.split()[0].rstrip(":")]
    words = [name, *map(_ms, (small.cpu_ms, large.cpu_ms)), f"{growth:.2f}" if growth < 9 else "–"]
    return f"| {' | '.join([*words, *map(_ms, before), _ms(aim), f'{large.peak_mb:.0f}'])} |"


def measured(name: str, settings: Settings) -> Cost:
    """Median CPU time of some repetitions in this process, the first of which is left out as a warm-up."""
    taken: list[float] = []
    peaks: list[float] = []
    with Store.open(settings) as store:
        large_run(store)
        for _ in range(1 + TIMES):
            begin = time.process_time()
            ASKED[name](store, settings)
            taken.append(1000 * (time.process_time() - begin))
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            if taken[0] > 10_000:
                break
    peak_mb = peaks[0]  # later ones hold what the first has left behind as well
    return Cost(median(taken[1:] or taken), peak_mb)


def in_a_process(name: str, home: Path) -> Cost:
    """The cost of one asking in one home; infinite when it takes too long."""
    words = [sys.executable, "-m", "bench.scale", "--homes", str(home), "--one", name]
    limit = ["prlimit", f"--cpu={LIMIT_S}", f"--as={6 << 30}"]
    done = subprocess.run([*limit, *words], capture_output=True, text=True, cwd=PROJECT)
    if done.returncode:
        print(f"{name}: ended ({done.returncode}) {done.stderr[-300:]}", file=sys.stderr)
        return Cost(math.inf, math.nan)
    return Cost(*json.loads(done.stdout))


def _home(folder: Path, pairs: int, verdicts: int) -> Path:
    if not folder.exists():
        digest = find_policy(POLICIES, STARTED_UNDER).digest
        make_home(folder, pairs=pairs, verdicts=verdicts, policy_digest=digest)
    return folder


def _ms(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f} ms" if math.isfinite(value) else f"> {LIMIT_S} s"


BEFORE_MS: Final[Mapping[str, tuple[float, float]]] = {
    "queue: next 24 tasks": (35, 46),
    "queue: counts of every filter": (13, 77),
    "progress of the run": (4, 23),
    "page Review": (57, 356),
    "page Review, gallery": (47, 589),
    "page Runs": (1_649, 16_297),
    "page Insights": (50_513, math.inf),
    "page Rollouts, without evidence": (50, 704),
    "page Golden set, browse": (4, 3),
    "page Golden set, promote (preview)": (662, 7_081),
    "page Models": (27, 520),
    "page Replay": (15, 201),
    "page Compare": (11, 12),
    "evidence and gates, upgrade": (52_954, math.inf),
    "evidence and gates, same-model": (54_400, math.inf),
}
"""By this comparison at 823a594, before sums were kept: milliseconds at 10k and 100k verdicts.

Infinite: ended after 150 CPU seconds, or for 6 GB of memory.
"""


if __name__ == "__main__":
    main()
