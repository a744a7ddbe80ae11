"""Every check on one page: what it is called, what it measures, in which direction, and where it lives."""

from __future__ import annotations

from core.checks.card import CheckCard, Metric, above_none, below_one

CHECKS: dict[str, CheckCard] = {
    card.name: card
    for card in (
        CheckCard(
            name="contract",
            title="Contract",
            question="Is each picture of the size, mode and depth that its model promises?",
            measure="core.checks.measures.contract:measure",
            metrics={
                "breaches": Metric(
                    "Broken promises", "promises", higher_is_better=False, per_arm=True, alarm=above_none
                )
            },
            version="1",
        ),
        CheckCard(
            name="alpha",
            title="Alpha and mask",
            question="Is the background as transparent as it should be, with clean edges?",
            measure="core.checks.measures.alpha:measure",
            metrics={
                "faults": Metric("Faults", "faults", higher_is_better=False, per_arm=True, alarm=above_none),
                "band_present": Metric(
                    "Alpha channel present", "yes/no", higher_is_better=True, per_arm=True
                ),
                "coverage": Metric("Covered area (mean alpha)", "share", per_arm=True),
                "fringe": Metric("Colour bleeding at edges", "levels", higher_is_better=False, per_arm=True),
                "halo_width": Metric("Width of soft edges", "px", per_arm=True),
                "islands": Metric("Separate opaque parts", "parts", per_arm=True),
                "holes": Metric("Enclosed transparent parts", "parts", per_arm=True),
                "parity": Metric("Same channels on both arms", "yes/no", higher_is_better=True),
                "coverage_difference": Metric("Change of covered area", "share", higher_is_better=False),
                "mask_iou": Metric("Overlap of the masks (IoU)", "share", higher_is_better=True),
            },
            version="1",
            packages=("scipy",),
        ),
        CheckCard(
            name="typography",
            title="Typography",
            question="Can every expected line be read exactly as written?",
            measure="core.checks.measures.typography:measure",
            metrics={
                "exact": Metric(
                    "Read exactly", "yes/no", higher_is_better=True, per_arm=True, alarm=below_one
                ),
                "ned": Metric(
                    "Similarity (1 − normalised edit distance)", "share", higher_is_better=True, per_arm=True
                ),
                "cer": Metric("Character error rate", "errors/letter", higher_is_better=False, per_arm=True),
                "wer": Metric("Word error rate", "errors/word", higher_is_better=False, per_arm=True),
                "missing_words": Metric("Missing words", "words", higher_is_better=False, per_arm=True),
                "invented_words": Metric("Invented words", "words", higher_is_better=False, per_arm=True),
                "order": Metric("Lines in order", "yes/no", higher_is_better=True, per_arm=True),
                "sharpness_ratio": Metric(
                    "Sharpness of the strokes against the baseline", "ratio", higher_is_better=True
                ),
                "contrast_ratio": Metric(
                    "Contrast of the strokes against the baseline", "ratio", higher_is_better=True
                ),
                "regressions": Metric(
                    "Read right on the baseline, wrong on the candidate", "lines", higher_is_better=False
                ),
                "improvements": Metric(
                    "Read wrong on the baseline, right on the candidate", "lines", higher_is_better=True
                ),
            },
            version="2",
            packages=("rapidocr", "onnxruntime", "rapidfuzz", "opencv-python-headless"),
        ),
        CheckCard(
            name="second_reader",
            title="Second reader",
            question="Does another reader see the same words?",
            measure="core.checks.measures.second_reader:measure",
            metrics={
                "readers_agree": Metric("Both readers agree", "yes/no", higher_is_better=True, per_arm=True)
            },
            version="2",
            packages=("rapidocr", "rapidfuzz", "opencv-python-headless"),
            optional=True,
        ),
        CheckCard(
            name="lpips",
            title="LPIPS",
            question="How different do the two pictures look?",
            measure="core.checks.measures.lpips:measure",
            metrics={
                "lpips": Metric("LPIPS (AlexNet)", "distance", higher_is_better=False),
                "lpips_squeeze": Metric(
                    "LPIPS (SqueezeNet)", "distance", higher_is_better=False, on_request=True
                ),
                "lpips_vgg": Metric("LPIPS (VGG)", "distance", higher_is_better=False, on_request=True),
                "lpips_other_seed": Metric(
                    "LPIPS of the baseline to itself from another seed", "distance", on_request=True
                ),
            },
            version="1",
            packages=("lpips", "torch", "scipy"),
        ),
        CheckCard(
            name="stlpips",
            title="ST-LPIPS",
            question="How different do the two pictures look, when small shifts are forgiven?",
            measure="core.checks.measures.stlpips:measure",
            metrics={"stlpips": Metric("ST-LPIPS (AlexNet)", "distance", higher_is_better=False)},
            version="1",
            packages=("stlpips_pytorch", "torch"),
        ),
        CheckCard(
            name="flip",
            title="FLIP",
            question="What does somebody see who flips between the two pictures?",
            measure="core.checks.measures.flip:measure",
            metrics={"flip": Metric("FLIP (mean)", "distance", higher_is_better=False)},
            version="1",
            packages=("opencv-python-headless", "scipy"),
        ),
        CheckCard(
            name="ssim",
            title="SSIM",
            question="How much of the local structure is kept?",
            measure="core.checks.measures.ssim:measure",
            metrics={"ssim": Metric("SSIM (luminance)", "similarity", higher_is_better=True)},
            version="1",
            packages=("opencv-python-headless",),
        ),
        CheckCard(
            name="colour",
            title="Colour and sharpness",
            question="Have colours, contrast or edges shifted?",
            measure="core.checks.measures.colour:measure",
            metrics={
                "delta_e": Metric("Mean colour difference", "ΔE2000", higher_is_better=False),
                "delta_e_worst": Metric(
                    "Colour difference of the worst region", "ΔE2000", higher_is_better=False
                ),
                "saturation_shift": Metric("Shift of saturation", "C*"),
                "contrast_shift": Metric("Shift of contrast", "L*"),
                "edge_energy_ratio": Metric("Edge detail kept", "ratio", higher_is_better=True),
                "clipping_increase": Metric("Increase of clipped colours", "share", higher_is_better=False),
                "profile_parity": Metric("Same colour profile", "yes/no", higher_is_better=True),
            },
            version="1",
            packages=("scikit-image", "opencv-python-headless"),
        ),
        CheckCard(
            name="gamut",
            title="Gamut",
            question="Does the candidate use as many different colours?",
            measure="core.checks.measures.gamut:measure",
            metrics={"gamut_ratio": Metric("Range of colours", "ratio", higher_is_better=True)},
            version="1",
            packages=("scikit-image", "opencv-python-headless"),
        ),
        CheckCard(
            name="composition",
            title="Composition",
            question="Do frame, subject and lines stand where they stood?",
            measure="core.checks.measures.composition:measure",
            metrics={
                "size_parity": Metric("Same size", "yes/no", higher_is_better=True),
                "aspect_change": Metric("Change of aspect ratio", "share", higher_is_better=False),
                "centre_shift": Metric("Shift of the subject", "share of diagonal", higher_is_better=False),
                "subject_overlap": Metric("Overlap of the subject's boxes", "share", higher_is_better=True),
                "layout_shift": Metric("Largest shift of a line of text", "px", higher_is_better=False),
            },
            version="1",
            packages=("rapidocr", "rapidfuzz", "opencv-python-headless", "scipy"),
        ),
        CheckCard(
            name="blank",
            title="Blank or duplicate",
            question="Does each picture show something of its own?",
            measure="core.checks.measures.blank:measure",
            metrics={
                "empty": Metric(
                    "Shows nothing or noise", "yes/no", higher_is_better=False, per_arm=True, alarm=above_none
                ),
                "identical": Metric("Same pixels on both arms", "yes/no"),
            },
            version="2",
            packages=("opencv-python-headless",),
        ),
        CheckCard(
            name="banding",
            title="Banding",
            question="Do gentle slopes come out as stairs?",
            measure="core.checks.measures.banding:measure",
            metrics={"banding": Metric("Stairs", "share", higher_is_better=False, per_arm=True)},
            version="1",
            packages=("scipy",),
        ),
        CheckCard(
            name="edits",
            title="Edit stability",
            question="Does an edit change what it was asked to change and nothing else?",
            measure="core.checks.measures.edits:measure",
            metrics={
                "outside_changed": Metric(
                    "Pixels changed outside the mask", "pixels", higher_is_better=False, per_arm=True
                ),
                "second_edit_drift": Metric(
                    "Drift of a second edit", "levels", higher_is_better=False, per_arm=True
                ),
                "upscaled_text_kept": Metric(
                    "Text kept by upscaling", "share", higher_is_better=True, per_arm=True
                ),
                "upscaled_alpha_iou": Metric(
                    "Mask kept by upscaling", "share", higher_is_better=True, per_arm=True
                ),
                "drift_increase": Metric("Drift beyond the baseline's", "levels", higher_is_better=False),
            },
            version="1",
            packages=("rapidocr", "rapidfuzz", "opencv-python-headless", "scipy"),
        ),
    )
}
