"""Known positives and negatives for every check: pairs whose truth is known because they were drawn for it.

The thresholds below belong to these drawings alone: they say what "the check noticed" means on a fault that
anybody sees. Thresholds for real pictures stand in policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from core.checks import cutouts, scenes
from core.checks.evidence import Edit, PairEvidence
from core.checks.picture import FeatureCache
from core.checks.specimens import draw_card, text_fonts, with_one_letter_changed
from core.records import Arm, Case, Contract, ExpectedText, Measurement, Mode, Size

TEXTS = (
    "SALE NOW",
    "SUMMER 2026",
    "50 OFF",
    "JAZZ NIGHT",
    "Terms apply",
    "Room 204",
    "QUIZ",
    "Grand opening",
)
TIERS_PX = (10, 12, 14, 16, 20, 24, 32, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A pair of which it is known whether its candidate is faulty."""

    what: str
    evidence: PairEvidence
    faulty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How a check proves itself, and what it promises."""

    trials: Callable[[], Iterator[Trial]]
    noticed: Callable[[Sequence[Measurement]], bool | None]
    """Whether the check raised an alarm on a pair; None: it could not tell, as with ambiguous glyphs."""
    least_hits: float
    most_false_alarms: float


def pair(case: Case, baseline: Image.Image, candidate: Image.Image, **more: object) -> PairEvidence:
    """Evidence of a drawn pair; features are not kept, nobody will see these pictures again."""
    plain = PairEvidence(
        pair_id="self-test", case=case, baseline=baseline, candidate=candidate, cache=FeatureCache(1 << 26)
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def value(found: Sequence[Measurement], metric: str, arm: Arm | None = None) -> float:
    """The value of a metric; NaN, which no threshold is passed by, where it was not measured."""
    values = [m.value for m in found if m.metric == metric and m.arm is arm and m.value is not None]
    return values[0] if values else float("nan")


def _contract_trials() -> Iterator[Trial]:
    case, promise = _blank_case(96, 64), Contract(mode=Mode.RGBA, sizes=(Size(96, 64),))
    good = Image.new("RGBA", (96, 64))
    candidates = {
        "as promised": good,
        "no alpha channel": good.convert("RGB"),
        "another size": good.resize((64, 96)),
        "larger than promised": good.resize((192, 128)),
        "greyscale": good.convert("L"),
    }
    contracts = dict.fromkeys(Arm, promise)
    for what, candidate in candidates.items():
        evidence = pair(case, good, candidate, contracts=contracts)
        yield Trial(what=what, evidence=evidence, faulty=candidate is not good)


def _alpha_trials() -> Iterator[Trial]:
    case = replace(_blank_case(128, 128), expects_alpha=True)
    for seed in range(12):
        good = cutouts.draw_cutout(seed)
        for name, change in (*cutouts.CLEAN.items(), *cutouts.FAULTS.items()):
            evidence = pair(case, good, change(good))
            yield Trial(what=f"{name}, shape {seed}", evidence=evidence, faulty=name in cutouts.FAULTS)


def _typography_trials() -> Iterator[Trial]:
    """The same line in other colours and texture, right or with one letter changed, in every tier."""
    fonts = text_fonts()
    for number in range(2 * len(TIERS_PX) * 4):
        text, height = TEXTS[number % len(TEXTS)], TIERS_PX[number // 2 % len(TIERS_PX)]
        font, faulty = fonts[number % len(fonts)], number % 2 == 1
        drawn = with_one_letter_changed(text, number) if faulty else text
        baseline = draw_card(text, letter_height_px=height, font=font, seed=number, textured=number % 4 > 1)
        candidate = draw_card(
            drawn, letter_height_px=height, font=font, seed=1000 + number, textured=number % 4 < 2
        )
        case = replace(
            _blank_case(*baseline.image.size),
            expected_text=(ExpectedText(text=text, letter_height_px=height),),
        )
        what = f"«{drawn}» for «{text}», {height} px"
        yield Trial(what=what, evidence=pair(case, baseline.image, candidate.image), faulty=faulty)


def _second_reader_trials() -> Iterator[Trial]:
    """Lettering that both readers must agree on."""
    for number, text in enumerate(TEXTS):
        card = draw_card(text, letter_height_px=32, font=text_fonts()[0], seed=number)
        case = replace(_blank_case(*card.image.size), expected_text=(ExpectedText(text=text),))
        yield Trial(what=f"«{text}»", evidence=pair(case, card.image, card.image), faulty=False)


def _scene_trials() -> Iterator[Trial]:
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(4):
        scene = scenes.draw_scene(seed)
        for name, change in (*scenes.SEEN.items(), *scenes.UNSEEN.items()):
            evidence = pair(case, scene, change(scene))
            yield Trial(what=f"{name}, scene {seed}", evidence=evidence, faulty=name in scenes.SEEN)


def _colour_trials() -> Iterator[Trial]:
    """Moving things about is no fault of colour."""
    return (trial for trial in _scene_trials() if not trial.what.startswith("moved"))


def _gamut_trials() -> Iterator[Trial]:
    """Scenes whose colour was taken away, and scenes with other last bits."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        scene = scenes.draw_scene(seed)
        for what, candidate, faulty in (
            ("grey", scene.convert("L").convert("RGB"), True),
            ("noise", scenes.last_bit(scene), False),
        ):
            yield Trial(what=f"{what}, scene {seed}", evidence=pair(case, scene, candidate), faulty=faulty)


def _composition_trials() -> Iterator[Trial]:
    case = _blank_case(128, 128)
    for seed in range(12):
        good = cutouts.draw_cutout(seed)
        shifted = Image.new("RGBA", good.size)
        shifted.paste(good, (good.width // 6, 0))
        candidates = {
            "as drawn": good,
            "soft shadow": cutouts.with_shadow(good),
            "moved": shifted,
            "stretched": good.resize((160, 128)),
        }
        for name, candidate in candidates.items():
            faulty = name in ("moved", "stretched")
            yield Trial(what=f"{name}, shape {seed}", evidence=pair(case, good, candidate), faulty=faulty)


def _blank_trials() -> Iterator[Trial]:
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        scene = scenes.draw_scene(seed)
        noise = Image.effect_noise(scene.size, 120).convert("RGB")
        flat = Image.new("RGB", scene.size, (40 * seed, 128, 200))
        for what, candidate in (("noise", noise), ("flat", flat), ("a scene", scenes.draw_scene(seed + 50))):
            evidence = pair(case, scene, candidate)
            yield Trial(what=what, evidence=evidence, faulty=what != "a scene")


def _banding_trials() -> Iterator[Trial]:
    """Smooth slopes, and the same slopes reduced to 24 levels."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        slope = scenes.draw_slope(seed)
        stairs = slope.point(lambda level: level // 10 * 10)
        for what, candidate, faulty in (("smooth", slope, False), ("stairs", stairs, True)):
            yield Trial(what=f"{what}, slope {seed}", evidence=pair(case, slope, candidate), faulty=faulty)


def _edit_trials() -> Iterator[Trial]:
    """An edit inside the mask, and one that touched a single level outside of it."""
    case, side = _blank_case(scenes.SIDE, scenes.SIDE), scenes.SIDE
    mask = Image.new("L", (side, side))
    mask.paste(255, (side // 4, side // 4, side // 2, side // 2))
    for seed in range(6):
        source = scenes.draw_scene(seed)
        inside = Image.composite(scenes.inverted(source), source, mask)
        beside = scenes.last_bit(inside)
        for what, candidate, faulty in (("inside", inside, False), ("beside", beside, True)):
            edits = dict.fromkeys(Arm, Edit(source=source, mask=mask))
            evidence = pair(case, inside, candidate, edits=edits)
            yield Trial(what=f"{what} the mask, scene {seed}", evidence=evidence, faulty=faulty)


def _blank_case(width: int, height: int) -> Case:
    return Case(name="self-test", prompt="drawn by the self-test", width=width, height=height)


def _typography_noticed(found: Sequence[Measurement]) -> bool | None:
    if value(found, "regressions") > 0:
        return True
    told = [m for m in found if m.metric == "exact" and m.value is not None]
    return False if len(told) == len(Arm) else None


PROOFS: dict[str, Proof] = {
    "contract": Proof(
        trials=_contract_trials,
        noticed=lambda found: value(found, "breaches", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "alpha": Proof(
        trials=_alpha_trials,
        noticed=lambda found: value(found, "faults", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "typography": Proof(
        trials=_typography_trials, noticed=_typography_noticed, least_hits=0.95, most_false_alarms=0.02
    ),
    "second_reader": Proof(
        trials=_second_reader_trials,
        noticed=lambda found: value(found, "readers_agree", Arm.CANDIDATE) == 0,
        least_hits=0.0,
        most_false_alarms=0.1,
    ),
    "lpips": Proof(
        trials=_scene_trials,
        noticed=lambda found: value(found, "lpips") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "stlpips": Proof(
        trials=_scene_trials,
        noticed=lambda found: value(found, "stlpips") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "flip": Proof(
        trials=_scene_trials,
        noticed=lambda found: value(found, "flip") > 0.03,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "ssim": Proof(
        trials=_scene_trials,
        noticed=lambda found: value(found, "ssim") < 0.995,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "colour": Proof(
        trials=_colour_trials,
        noticed=lambda found: value(found, "delta_e") > 5 or value(found, "edge_energy_ratio") < 0.7,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "gamut": Proof(
        trials=_gamut_trials,
        noticed=lambda found: value(found, "gamut_ratio") < 0.5,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "composition": Proof(
        trials=_composition_trials,
        noticed=lambda found: value(found, "size_parity") == 0 or value(found, "centre_shift") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "blank": Proof(
        trials=_blank_trials,
        noticed=lambda found: value(found, "empty", Arm.CANDIDATE) == 1,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "banding": Proof(
        trials=_banding_trials,
        noticed=lambda found: value(found, "banding", Arm.CANDIDATE) > 0.2,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "edits": Proof(
        trials=_edit_trials,
        noticed=lambda found: value(found, "outside_changed", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
}
"""Check → how it proves itself."""
