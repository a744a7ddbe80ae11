"""Distances equal their reference packages and the published values, and refuse what they cannot compare."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import flip_evaluator
import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import structural_similarity

from core.checks import weights
from core.checks.comparison import reduced, same_size
from core.checks.measures import flip, lpips, ssim, stlpips
from core.checks.perceptual import to_tensor
from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.scenes import SEEN, UNSEEN, draw_scene
from core.config.settings import Settings
from core.errors import CheckUnavailable, InvalidRequest
from core.records import MeasurementStatus, Size
from core.torch_runtime import make_torchvision_importable
from tests.core.checks.conftest import Examine, one
from tests.seeded_backbones import package_lpips

Published = Callable[[str], Image.Image]
SettingsOf = Callable[[str], Settings]
DISTANCES = ("lpips", "stlpips", "flip", "ssim")


def picture(image: Image.Image) -> Picture:
    return Picture(image, cache=FeatureCache(1 << 28))


PUBLISHED = {
    ("alex", "ex_p0"): 0.721881,
    ("alex", "ex_p1"): 0.137566,
    ("squeeze", "ex_p0"): 0.711048,
    ("squeeze", "ex_p1"): 0.147902,
}


def test_lpips_of_genuine_weights_reproduces_the_published_distances(
    genuine_settings: Settings, published: Published
) -> None:
    for (net, other), value in PUBLISHED.items():
        pair = picture(published("lpips/ex_ref.png")), picture(published(f"lpips/{other}.png"))
        finding = lpips.lpips_finding(*pair, settings=genuine_settings, net=net, metric="lpips")
        assert finding.value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("net", ["alex", "squeeze"])
def test_lpips_from_kept_features_equals_the_package_on_the_same_seeded_weights(
    lpips_settings: Settings, net: str
) -> None:
    network, reference = lpips.load_network(lpips_settings, net), package_lpips(net)
    scene = draw_scene(3, side=96)
    for change in SEEN.values():
        a, b = picture(scene), picture(change(scene))
        with torch.inference_mode():
            expected = reference(to_tensor(a.rgb), to_tensor(b.rgb)).item()
        assert expected > 1e-5  # a network of zeros would agree with any other
        assert network.distance(a, b, "white", a.size) == pytest.approx(expected, abs=1e-6)


def test_genuine_weights_keep_pictures_apart_as_random_ones_do_not(
    found: Examine, genuine_settings: Settings
) -> None:
    scene, changed = draw_scene(0, side=64), SEEN["blurred"](draw_scene(0, side=64))
    other = {"other_seed": draw_scene(9, side=64)}
    asked = replace(genuine_settings, lpips_nets=("alex", "squeeze", "vgg"))
    measured = found(scene, changed, "lpips", using=asked, evidence=other)
    assert one(measured, "lpips_squeeze").version.endswith("squeeze f837b33e")
    distance = one(measured, "lpips_other_seed").value
    assert distance is not None
    assert distance > 0.3
    white, glass = (Image.new("RGBA", (64, 64), (255, 255, 255, alpha)) for alpha in (255, 0))
    on_black = one(found(white, glass, "lpips", using=genuine_settings), "lpips").value
    assert on_black is not None
    assert on_black > 0.1


@pytest.mark.slow
def test_the_layers_of_vgg_are_put_where_the_package_keeps_them() -> None:
    make_torchvision_importable()
    from torchvision.models import vgg

    layers = vgg.make_layers(vgg.cfgs["D"])  # VGG16, named as in torchvision's own checkpoint
    tensors = {f"features.{name}": values for name, values in layers.state_dict().items()}
    network = lpips._assembled.__wrapped__(weights.Weights("vgg", tensors, "drawn at random"))
    scene = draw_scene(3, side=64)
    a, b = picture(scene), picture(SEEN["blurred"](scene))
    with torch.inference_mode():
        first = network.module.scaling_layer(to_tensor(a.rgb))
        assert torch.equal(network.module.net(first).relu5_3, layers[:30](first))
        reference = network.module(to_tensor(a.rgb), to_tensor(b.rgb)).item()
    assert network.distance(a, b, "white", a.size) == pytest.approx(reference, abs=1e-6)


def test_lpips_sees_alpha_through_the_worst_background(found: Examine, lpips_settings: Settings) -> None:
    white = Image.new("RGBA", (64, 64), (255, 255, 255, 255))
    glass = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    distance = one(found(white, glass, "lpips", using=lpips_settings), "lpips")
    assert distance.value is not None
    assert distance.value > 0.1
    assert distance.raw["by_background"]["white"] == 0
    assert "the worst of 3 backgrounds" in distance.reason


def test_lpips_names_its_weights_in_its_version(found: Examine, lpips_settings: Settings) -> None:
    image = draw_scene(0, side=64)
    distance = one(found(image, image, "lpips", using=lpips_settings), "lpips")
    assert "lpips 0.1.4" in distance.version
    assert f"alex {weights.BACKBONES['alex'].digest[:8]}" in distance.version


def test_other_nets_and_another_seed_are_measured_on_request_only(
    found: Examine, lpips_settings: Settings
) -> None:
    scene, changed = draw_scene(0, side=64), SEEN["blurred"](draw_scene(0, side=64))
    plain = found(scene, changed, "lpips", using=lpips_settings)
    assert [m.metric for m in plain] == ["lpips"]
    asked = replace(lpips_settings, lpips_nets=("alex", "squeeze", "vgg"))
    measured = found(scene, changed, "lpips", using=asked, parts={"other_seed": draw_scene(9, side=64)})
    digest = weights.BACKBONES["squeeze"].digest or ""
    assert one(measured, "lpips_squeeze").version.endswith(f"squeeze {digest[:8]}")
    other = one(measured, "lpips_other_seed").value
    assert other is not None
    assert other > 0.3
    missing = one(measured, "lpips_vgg")
    assert (missing.status, missing.value) == (MeasurementStatus.ERROR, None)
    assert one(measured, "lpips").value == one(plain, "lpips").value


def test_a_net_that_lpips_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="alex, squeeze, vgg"):
        Settings.from_env({"SIDEGRADE_LPIPS_NETS": "alex,resnet"})


def test_altered_weights_are_refused(lpips_settings: Settings, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = weights.find("alex", lpips_settings)
    tensors = load_file(file)
    tensors["features.0.weight"] = tensors["features.0.weight"] + 1e-3
    save_file(tensors, tmp_path / file.name)
    with pytest.raises(CheckUnavailable, match="not genuine"):
        weights.load("alex", replace(lpips_settings, lpips_weights=tmp_path))


def test_stlpips_equals_its_package() -> None:
    make_torchvision_importable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package imports notebooks and plotting it does not declare
        reference_module = pytest.importorskip("stlpips_pytorch.stlpips", reason="its undeclared imports")
        reference = reference_module.LPIPS(net="alex", variant="shift_tolerant", verbose=False)
    scene = draw_scene(5, side=80).crop((0, 0, 71, 66))  # odd and even: both ends of a halved row
    for change in (*SEEN.values(), *UNSEEN.values()):
        a, b = picture(scene), picture(change(scene))
        with torch.inference_mode():
            expected = reference(to_tensor(a.rgb), to_tensor(b.rgb)).item()
        got = stlpips.load_network().distance(a, b, "white", a.size)
        assert got == pytest.approx(expected, abs=1e-6)


def test_flip_reproduces_the_published_pair(published: Published) -> None:
    reference, test = (np.asarray(published(f"flip/tree-{name}.png")) for name in ("ref", "test"))
    value = float(flip.difference(flip.see(reference), flip.see(test)).mean())
    assert value == pytest.approx(0.133285, abs=1e-4)


@pytest.mark.parametrize("change", SEEN)
def test_flip_equals_its_package(change: str) -> None:
    scene = draw_scene(2, side=96)
    a, b = np.asarray(scene), np.asarray(SEEN[change](scene))
    theirs, _, _ = flip_evaluator.evaluate(
        a.astype(np.float32) / 255, b.astype(np.float32) / 255, "LDR", applyMagma=False
    )
    ours = flip.difference(flip.see(a), flip.see(b))
    assert np.abs(ours - np.squeeze(theirs)).max() < 1e-3
    assert float(ours.mean()) == pytest.approx(float(theirs.mean()), abs=1e-4)


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [((0, 0, 0), (255, 255, 255), 0.967345), ((0, 255, 0), (0, 0, 255), 1.0), ((9, 80, 7), (9, 80, 7), 0.0)],
)
def test_flip_of_plain_colours(first: tuple[int, ...], second: tuple[int, ...], value: float) -> None:
    a, b = (np.full((40, 40, 3), colour, np.uint8) for colour in (first, second))
    assert float(flip.difference(flip.see(a), flip.see(b)).mean()) == pytest.approx(value, abs=1e-4)


def test_ssim_equals_scikit_image() -> None:
    scene = draw_scene(4, side=90)
    for change in (*SEEN.values(), *UNSEEN.values()):
        planes = [np.asarray(image) @ ssim.LUMA for image in (scene, change(scene))]
        reference = structural_similarity(*planes, data_range=255)
        assert ssim.similarity(*map(ssim.structure, planes)) == pytest.approx(reference, abs=1e-9)


@pytest.fixture
def settings_of(settings: Settings, request: pytest.FixtureRequest) -> Callable[[str], Settings]:
    """What a check measures with: only LPIPS needs weights that do not come with its package."""
    return lambda check: request.getfixturevalue("lpips_settings") if check == "lpips" else settings


@pytest.mark.parametrize("check", DISTANCES)
def test_identical_pictures_have_no_distance(found: Examine, settings_of: SettingsOf, check: str) -> None:
    image = draw_scene(1, side=64)
    measured = one(found(image, image.copy(), check, using=settings_of(check)), check)
    assert measured.value == pytest.approx(1 if check == "ssim" else 0, abs=1e-12)


@pytest.mark.parametrize("check", DISTANCES)
def test_pictures_of_two_sizes_have_no_distance(found: Examine, settings_of: SettingsOf, check: str) -> None:
    image = draw_scene(1, side=64)
    measured = one(found(image, image.resize((96, 64)), check, using=settings_of(check)), check)
    assert (measured.status, measured.value) == (MeasurementStatus.ERROR, None)
    assert "expected two pictures of one size, got 64×64 and 96×64" in measured.reason


@pytest.mark.parametrize("check", ["lpips", "stlpips"])
def test_a_picture_too_small_for_the_network_is_refused(
    found: Examine, settings_of: SettingsOf, check: str
) -> None:
    image = Image.new("RGB", (64, 20))
    measured = one(found(image, image, check, using=settings_of(check)), check)
    assert "expected at least 32 px on each side, got 64×20" in measured.reason


def test_large_pictures_are_compared_at_the_stated_size() -> None:
    large = picture(Image.new("RGB", (1000, 600)))
    assert same_size(large, large, max_side=512) == Size(512, 307)
    assert reduced(Size(100, 60), 512) == Size(100, 60)
