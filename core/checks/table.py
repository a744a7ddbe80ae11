"""Every check on one page: what it is called, what it measures, in which direction, and where it lives."""

from __future__ import annotations

from core.checks.card import CheckCard, Metric

CHECKS: dict[str, CheckCard] = {
    card.name: card
    for card in (
        CheckCard(
            name="contract",
            title="Contract",
            question="Is each picture of the size, mode and depth that its model promises?",
            measure="core.checks.contract:measure",
            metrics={
                "breaches": Metric(
                    title="Broken promises", unit="promises", higher_is_better=False, per_arm=True
                )
            },
            version="1",
        ),
        CheckCard(
            name="alpha",
            title="Alpha and mask",
            question="Is the background as transparent as it should be, with clean edges?",
            measure="core.checks.alpha:measure",
            metrics={
                "faults": Metric(title="Faults", unit="faults", higher_is_better=False, per_arm=True),
                "band_present": Metric(
                    title="Alpha channel present", unit="yes/no", higher_is_better=True, per_arm=True
                ),
                "coverage": Metric(title="Covered area (mean alpha)", unit="share", per_arm=True),
                "fringe": Metric(
                    title="Colour bleeding at edges", unit="levels", higher_is_better=False, per_arm=True
                ),
                "halo_width": Metric(title="Width of soft edges", unit="px", per_arm=True),
                "islands": Metric(title="Separate opaque parts", unit="parts", per_arm=True),
                "holes": Metric(title="Enclosed transparent parts", unit="parts", per_arm=True),
                "parity": Metric(title="Same channels on both arms", unit="yes/no", higher_is_better=True),
                "coverage_difference": Metric(
                    title="Change of covered area", unit="share", higher_is_better=False
                ),
                "mask_iou": Metric(title="Overlap of the masks (IoU)", unit="share", higher_is_better=True),
            },
            version="1",
            packages=("scipy",),
        ),
        CheckCard(
            name="typography",
            title="Typography",
            question="Can every expected line be read exactly as written?",
            measure="core.checks.typography:measure",
            metrics={
                "exact": Metric(title="Read exactly", unit="yes/no", higher_is_better=True, per_arm=True),
                "ned": Metric(
                    title="Similarity (1 − normalised edit distance)",
                    unit="share",
                    higher_is_better=True,
                    per_arm=True,
                ),
                "cer": Metric(
                    title="Character error rate", unit="errors/letter", higher_is_better=False, per_arm=True
                ),
                "wer": Metric(
                    title="Word error rate", unit="errors/word", higher_is_better=False, per_arm=True
                ),
                "missing_words": Metric(
                    title="Missing words", unit="words", higher_is_better=False, per_arm=True
                ),
                "invented_words": Metric(
                    title="Invented words", unit="words", higher_is_better=False, per_arm=True
                ),
                "order": Metric(title="Lines in order", unit="yes/no", higher_is_better=True, per_arm=True),
                "sharpness_ratio": Metric(
                    title="Sharpness of the strokes against the baseline",
                    unit="ratio",
                    higher_is_better=True,
                ),
                "contrast_ratio": Metric(
                    title="Contrast of the strokes against the baseline", unit="ratio", higher_is_better=True
                ),
                "regressions": Metric(
                    title="Read right on the baseline, wrong on the candidate",
                    unit="lines",
                    higher_is_better=False,
                ),
                "improvements": Metric(
                    title="Read wrong on the baseline, right on the candidate",
                    unit="lines",
                    higher_is_better=True,
                ),
            },
            version="1",
            packages=("rapidocr", "onnxruntime", "rapidfuzz"),
        ),
        CheckCard(
            name="second_reader",
            title="Second reader",
            question="Does another reader see the same words?",
            measure="core.checks.second_reader:measure",
            metrics={
                "readers_agree": Metric(
                    title="Both readers agree", unit="yes/no", higher_is_better=True, per_arm=True
                )
            },
            version="1",
            packages=("rapidocr",),
            optional=True,
        ),
        CheckCard(
            name="lpips",
            title="LPIPS",
            question="How different do the two pictures look?",
            measure="core.checks.lpips:measure",
            metrics={
                "lpips": Metric(title="LPIPS (AlexNet)", unit="distance", higher_is_better=False),
                "lpips_squeeze": Metric(
                    title="LPIPS (SqueezeNet)", unit="distance", higher_is_better=False, on_request=True
                ),
                "lpips_vgg": Metric(
                    title="LPIPS (VGG)", unit="distance", higher_is_better=False, on_request=True
                ),
                "lpips_other_seed": Metric(
                    title="LPIPS of the baseline to itself from another seed",
                    unit="distance",
                    on_request=True,
                ),
            },
            version="1",
            packages=("lpips", "torch"),
        ),
        CheckCard(
            name="stlpips",
            title="ST-LPIPS",
            question="How different do the two pictures look, when small shifts are forgiven?",
            measure="core.checks.stlpips:measure",
            metrics={"stlpips": Metric(title="ST-LPIPS (AlexNet)", unit="distance", higher_is_better=False)},
            version="1",
            packages=("stlpips_pytorch", "torch"),
        ),
        CheckCard(
            name="flip",
            title="FLIP",
            question="What does somebody see who flips between the two pictures?",
            measure="core.checks.flip:measure",
            metrics={"flip": Metric(title="FLIP (mean)", unit="distance", higher_is_better=False)},
            version="1",
            packages=("opencv-python-headless",),
        ),
        CheckCard(
            name="ssim",
            title="SSIM",
            question="How much of the local structure is kept?",
            measure="core.checks.ssim:measure",
            metrics={"ssim": Metric(title="SSIM (luminance)", unit="similarity", higher_is_better=True)},
            version="1",
            packages=("opencv-python-headless",),
        ),
        CheckCard(
            name="colour",
            title="Colour and sharpness",
            question="Have colours, contrast or edges shifted?",
            measure="core.checks.colour:measure",
            metrics={
                "delta_e": Metric(title="Mean colour difference", unit="ΔE2000", higher_is_better=False),
                "delta_e_worst": Metric(
                    title="Colour difference of the worst region", unit="ΔE2000", higher_is_better=False
                ),
                "saturation_shift": Metric(title="Shift of saturation", unit="C*"),
                "contrast_shift": Metric(title="Shift of contrast", unit="L*"),
                "edge_energy_ratio": Metric(title="Edge detail kept", unit="ratio", higher_is_better=True),
                "clipping_increase": Metric(
                    title="Increase of clipped colours", unit="share", higher_is_better=False
                ),
                "profile_parity": Metric(title="Same colour profile", unit="yes/no", higher_is_better=True),
            },
            version="1",
            packages=("scikit-image", "opencv-python-headless"),
        ),
        CheckCard(
            name="gamut",
            title="Gamut",
            question="Does the candidate use as many different colours?",
            measure="core.checks.gamut:measure",
            metrics={"gamut_ratio": Metric(title="Range of colours", unit="ratio", higher_is_better=True)},
            version="1",
            packages=("scikit-image",),
        ),
        CheckCard(
            name="composition",
            title="Composition",
            question="Do frame, subject and lines stand where they stood?",
            measure="core.checks.composition:measure",
            metrics={
                "size_parity": Metric(title="Same size", unit="yes/no", higher_is_better=True),
                "aspect_change": Metric(title="Change of aspect ratio", unit="share", higher_is_better=False),
                "centre_shift": Metric(
                    title="Shift of the subject", unit="share of diagonal", higher_is_better=False
                ),
                "subject_overlap": Metric(
                    title="Overlap of the subject's boxes", unit="share", higher_is_better=True
                ),
                "layout_shift": Metric(
                    title="Largest shift of a line of text", unit="px", higher_is_better=False
                ),
            },
            version="1",
            packages=("rapidocr",),
        ),
        CheckCard(
            name="blank",
            title="Blank or duplicate",
            question="Does each picture show something of its own?",
            measure="core.checks.blank:measure",
            metrics={
                "empty": Metric(
                    title="Shows nothing or noise", unit="yes/no", higher_is_better=False, per_arm=True
                ),
                "identical": Metric(title="Same pixels on both arms", unit="yes/no"),
            },
            version="1",
            packages=("opencv-python-headless",),
        ),
        CheckCard(
            name="banding",
            title="Banding",
            question="Do gentle slopes come out as stairs?",
            measure="core.checks.banding:measure",
            metrics={"banding": Metric(title="Stairs", unit="share", higher_is_better=False, per_arm=True)},
            version="1",
        ),
        CheckCard(
            name="edits",
            title="Edit stability",
            question="Does an edit change what it was asked to change and nothing else?",
            measure="core.checks.edits:measure",
            metrics={
                "outside_changed": Metric(
                    title="Pixels changed outside the mask",
                    unit="pixels",
                    higher_is_better=False,
                    per_arm=True,
                ),
                "second_edit_drift": Metric(
                    title="Drift of a second edit", unit="levels", higher_is_better=False, per_arm=True
                ),
                "upscaled_text_kept": Metric(
                    title="Text kept by upscaling", unit="share", higher_is_better=True, per_arm=True
                ),
                "upscaled_alpha_iou": Metric(
                    title="Mask kept by upscaling", unit="share", higher_is_better=True, per_arm=True
                ),
                "drift_increase": Metric(
                    title="Drift beyond the baseline's", unit="levels", higher_is_better=False
                ),
            },
            version="1",
            packages=("rapidocr",),
        ),
    )
}
