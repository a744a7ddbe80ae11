"""The light table, pixel by pixel, in a real browser: no shift, no smoothing, no lost alpha.

Long: every mode of the viewer, pixel by pixel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Route

from core.checks.maps import stored
from core.records import Arm, Case
from tests.browser.conftest import TWO_FRAMES, App, Desk
from tests.browser.posters import SUITE, gradient, picture
from tests.world import measurement

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenDesk = Callable[..., Desk]
MODES = {
    "s": "slider",
    "e": "side",
    "o": "onion",
    "f": "flicker",
    "d": "difference",
    "a": "alpha",
    "q": "only_a",
}
ALONE = ".layer:not([hidden])"


def case_of(name: str) -> Case:
    return next(case for case in SUITE.cases if case.name == name)


def alike(one: Image.Image, two: Image.Image) -> bool:
    return one.size == two.size and ImageChops.difference(one, two).getbbox() is None


def board(desk: Desk, selector: str) -> Image.Image:
    """What is painted where one render stands."""
    return desk.stage(f"{selector} .board")


@pytest.mark.parametrize("scale", [1, 1.25, 2])
def test_identical_renders_show_zero_shift_in_every_mode(app: App, open_desk: OpenDesk, scale: float) -> None:
    desk = open_desk(device_scale_factor=scale, viewport={"width": 1013, "height": 701})
    desk.open(f"?pair={app.pair('same').id}&mode=only_a")
    reference = desk.stage()
    for key in ("w", "s", "s", "s", "o", "f"):
        desk.press(key)
        assert alike(desk.stage(), reference), key
    desk.page.keyboard.down(" ")
    assert alike(desk.stage(), reference), "held"
    desk.page.keyboard.up(" ")
    desk.press("e")
    left, right = desk.stage(".of-a"), desk.stage(".of-b")
    assert alike(left, right)
    desk.press("d")
    desk.page.locator(".desk .caption", has_text="identical").wait_for(state="attached")
    assert not np.asarray(board(desk, ".of-difference")).any()


@pytest.mark.parametrize("split", [0.0, 0.31, 0.5, 1.0])
def test_the_slider_cuts_without_a_seam(app: App, open_desk: OpenDesk, split: float) -> None:
    desk = open_desk().open(f"?pair={app.pair('same').id}&mode=only_a&zoom=3")
    reference = desk.stage()
    desk.press("s")
    box = desk.page.locator(".desk .stage").bounding_box()
    assert box is not None
    desk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + box["width"] * split, box["y"] + 50)
    desk.page.mouse.up()
    assert alike(desk.stage(), reference)


def over(image: Image.Image, backdrop: Image.Image) -> np.ndarray:
    """The image composited over an opaque backdrop, in exact arithmetic."""
    straight = np.asarray(image, np.float64)
    alpha = straight[..., 3:] / 255
    return straight[..., :3] * alpha + np.asarray(backdrop.convert("RGB"), np.float64) * (1 - alpha)


def checkerboard(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[:height, :width] // 8
    return Image.fromarray(np.where((x + y) % 2, 204, 255).astype(np.uint8))


@pytest.mark.parametrize("background", ["checker", "white", "black"])
def test_every_alpha_is_shown_over_the_background(app: App, open_desk: OpenDesk, background: str) -> None:
    desk = open_desk().open(f"?pair={app.pair('clear').id}&mode=only_a&zoom=1&bg={background}")
    with app.open_store() as store:
        render = store.reviews.item(app.pair("clear").id, desk.reviewer, datetime.now(UTC)).a
        image = store.blobs.open(render.digest)
    assert image.mode == "RGBA"
    backdrop = {
        "checker": checkerboard(*image.size),
        "white": Image.new("L", image.size, 255),
        "black": Image.new("L", image.size, 0),
    }[background]
    off = np.abs(np.asarray(board(desk, ALONE), np.float64) - over(image, backdrop))
    assert off.max() <= 2.5, f"off by {off.max()} at {np.unravel_index(off.argmax(), off.shape)}"


def test_alpha_alone_is_the_alpha_channel(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('clear').id}&mode=alpha&zoom=1")
    shown = np.asarray(board(desk, ".of-a"), np.int16)
    expected = np.asarray(gradient(160, 120).getchannel("A"), np.int16)
    assert np.abs(shown - expected[..., None]).max() <= 1


def test_small_renders_are_enlarged_by_whole_pixels_and_never_smoothed(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('dot').id}&mode=only_a&zoom=4")
    with app.open_store() as store:
        item = store.reviews.item(app.pair("dot").id, desk.reviewer, datetime.now(UTC))
        image = store.blobs.open(item.a.digest)
    expected = image.convert("RGB").resize((640, 480), Image.Resampling.NEAREST)
    assert alike(board(desk, ALONE), expected)


def test_one_to_one_is_one_image_pixel_per_device_pixel(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(device_scale_factor=2).open(f"?pair={app.pair('dot').id}&mode=only_a").press("9")
    assert board(desk, ALONE).size == (160, 120)
    assert desk.page.locator(".desk .zoom").inner_text() == "100%"


def test_sizes_that_differ_are_drawn_at_one_scale_from_one_corner(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('sizes').id}&mode=side&zoom=2")
    sizes = {board(desk, ".of-a").size, board(desk, ".of-b").size}
    assert sizes == {(320, 240), (240, 180)}


def test_modes_keep_place_and_zoom(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('dot').id}&zoom=12&at=121,91")
    for key, mode in MODES.items():
        desk.press(key)
        desk.page.locator(f".desk .stage[data-mode={mode}]").wait_for()
        assert desk.page.locator(".desk .zoom").inner_text() == "1200%"
    desk.press("e")
    desk.page.wait_for_url(re.compile("mode=side&zoom=12&at=121%2C91"))


def test_the_next_difference_is_enlarged_in_the_middle(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('dot').id}&mode=only_a")
    desk.press("n")
    desk.says("Difference 1 of 1 · 4×3 px at 120, 90")
    desk.page.wait_for_url(re.compile("zoom=16&at=122%2C91.5"))


def test_maps_of_lpips_and_flip_are_laid_over_the_difference_and_the_renders(
    app: App, open_desk: OpenDesk
) -> None:
    pair = app.pair("dot")
    left, right = np.zeros((12, 16), np.float32), np.zeros((12, 16), np.float32)
    left[:, :4], right[:, 12:] = 0.9, 0.9
    with app.open_store() as store:
        maps = {"lpips": left, "flip": right}
        now = datetime.now(UTC)
        store.measurements.append(
            measurement(pair, now, check=check, metric=check, raw=stored(values))
            for check, values in maps.items()
        )
    desk = open_desk().open(f"?pair={pair.id}&zoom=4").press("d")
    desk.page.locator(".desk .caption", has_text="pixels differ").wait_for(state="attached")
    for key in ("d", "w"):
        desk.press(key).settled()
        layer = ".of-difference" if key == "d" else ALONE
        bare = np.asarray(board(desk, layer), np.int16)
        for check, title in (("lpips", "LPIPS"), ("flip", "FLIP")):
            desk.press("x")
            desk.says(f"Map of {title}")
            columns = np.abs(np.asarray(board(desk, layer), np.int16) - bare).max(axis=(0, 2))
            if check == "flip":  # its map is the mirror image of the other
                columns = columns[::-1]
            marked, free = columns[:150], columns[300:]
            assert marked.min() > 40, (key, check, marked.min())
            assert free.max() <= 2, (key, check, free.max())
            assert any(f"/api/map/{pair.id}/{check}" in url for url in desk.urls)
        desk.press("x")
        desk.says("Map off")
        assert np.array_equal(np.asarray(board(desk, layer), np.int16), bare)


def test_a_line_of_text_is_enlarged_on_both_sides(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('dot').id}")
    desk.press("t")
    crops = desk.page.locator(".desk .crop")
    crops.first.wait_for(state="visible")
    assert crops.count() == 2
    assert "SALE NOW" in desk.page.locator(".desk .crops").inner_text()
    desk.press("Escape")
    crops.first.wait_for(state="hidden")


def test_the_probe_reads_straight_colours_from_the_file(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('clear').id}&mode=only_a&zoom=4").press("i")
    box = desk.page.locator(f".desk {ALONE} .board").first.bounding_box()
    assert box is not None
    images = {arm: picture(case_of("clear"), 1, arm) for arm in Arm}
    for x, y in ((5, 7), (80, 60), (159, 119)):
        desk.page.mouse.move(box["x"] + x * 4 + 2, box["y"] + y * 4 + 2)
        probe = desk.page.locator(".desk .probe", has_text=f"{x}, {y}")
        probe.wait_for(state="visible")
        words = probe.inner_text()
        for image in images.values():
            r, g, b, a = image.getpixel((x, y))
            assert f"#{r:02x}{g:02x}{b:02x} α {a}" in words
        assert ("ΔE 0.00" in words) == (images[Arm.BASELINE].getpixel((x, y))[3] == 0)


def test_a_link_restores_pair_mode_place_and_background(app: App, open_desk: OpenDesk) -> None:
    pair = app.pair("plain-03").id
    desk = open_desk().open()
    other = open_desk().open(f"?pair={pair}&mode=side&zoom=6&at=40,50&bg=black")
    assert other.pair == pair
    reference = other.stage()
    desk.page.goto(other.page.url)
    desk.ready()
    again = open_desk(reviewer=other.reviewer, context=other.page.context)
    again.page.goto(other.page.url)
    again.ready()
    assert alike(again.stage(), reference)
    assert again.page.locator(".desk .zoom").inner_text() == "600%"


def test_a_link_restores_the_turn_of_the_slider_and_the_brand_colour(app: App, open_desk: OpenDesk) -> None:
    pair = app.pair("clear").id
    desk = open_desk().open(f"?pair={pair}&turn=vertical&bg=ff8800&zoom=3&at=80,60")
    stage = desk.page.locator(".desk .stage")
    assert stage.get_attribute("data-orientation") == "vertical"
    assert desk.page.get_by_label("Brand colour", exact=True).input_value() == "#ff8800"
    assert board(desk, ALONE).getpixel((1, 100)) == (255, 136, 0)  # the render is transparent there
    desk.page.wait_for_url(re.compile("turn=vertical&zoom=3&at=80%2C60&bg=ff8800"))
    other = open_desk().open(f"?{desk.page.url.partition('?')[2]}")
    assert board(other, ALONE).size == board(desk, ALONE).size
    for wanted in ("turn=vertical", "bg=ff8800", "zoom=3"):
        assert wanted in other.page.url


def test_the_copied_link_is_the_view(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(permissions=["clipboard-read", "clipboard-write"]).open(f"?pair={app.pair('dot').id}")
    desk.press("e", "+", "+", "b", "l")
    desk.says("Link copied")
    link = desk.page.evaluate("navigator.clipboard.readText()")
    for part in (f"pair={app.pair('dot').id}", "mode=side", "zoom=", "bg=white"):
        assert part in link


def test_flicker_swaps_in_place_and_stands_still_with_reduced_motion(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(reduced_motion="reduce").open(f"?pair={app.pair('plain-01').id}&mode=flicker")
    first = desk.stage()
    desk.press("f")
    desk.says("Reduced motion")
    assert alike(desk.stage(), first)
    desk.press("ArrowRight")
    assert not alike(desk.stage(), first)
    desk.press("ArrowRight")
    assert alike(desk.stage(), first)


def test_flicker_on_its_own_swaps_at_most_three_times_a_second(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open(f"?pair={app.pair('plain-01').id}&mode=flicker")
    desk.page.evaluate(COUNT_SWAPS)
    desk.press("f")
    desk.page.wait_for_function("() => window.swaps.length >= 6")
    swaps = desk.page.evaluate("() => window.swaps")
    assert len([at for at in swaps if at < swaps[0] + 1000]) <= 3
    desk.press("s")
    assert desk.complaints == []


COUNT_SWAPS = """
() => {
  const layer = window.desk().querySelector(".of-b");
  window.swaps = [];
  let before = layer.style.clipPath;
  new MutationObserver(() => {
    if (layer.style.clipPath !== before) window.swaps.push(performance.now());
    before = layer.style.clipPath;
  }).observe(layer, { attributes: true });
}
"""


def test_nothing_is_seen_before_the_style_sheet_is_here(open_desk: OpenDesk, app: App) -> None:
    desk = open_desk()
    held: list[Route] = []
    desk.page.route("**/viewer.css", lambda route: held.append(route))
    desk.page.goto(app.url)
    desk.page.locator(".desk .outcome").first.wait_for(state="attached")
    assert not desk.page.locator(".desk .outcome").first.is_visible()
    desk.page.wait_for_timeout(200)  # the request may come a moment after the elements
    held[0].continue_()
    desk.ready()


def test_no_request_leaves_for_another_host(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    for key in ("d", "t", "i", "m", "Escape", "1", "v"):
        desk.press(key).settled()
    hosts = {url.split("/")[2] for url in desk.urls if "://" in url and not url.startswith("blob:")}
    assert hosts == {f"localhost:{app.port}"}
    assert not [url for url in desk.urls if url.startswith("data:image/png")]
    assert desk.complaints == []


def test_a_reload_fetches_no_image_again(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open().settled()
    shown = desk.page.evaluate(TRANSFERRED)
    assert len(shown) >= 2
    assert all(size > 0 for size in shown.values())
    desk.page.reload()
    desk.ready()
    again = desk.page.evaluate(TRANSFERRED)
    assert {url: again[url] for url in shown if url in again} == dict.fromkeys(set(shown) & set(again), 0)
    assert set(shown) & set(again)


TRANSFERRED = """
() => Object.fromEntries(performance.getEntriesByType("resource")
  .filter((entry) => entry.name.includes("/api/img/")).map((entry) => [entry.name, entry.transferSize]))
"""


def test_a_finger_moves_the_slider_and_votes_on_a_phone(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    desk.open()
    moved = desk.page.locator(".desk .handle:not([aria-valuenow='50'])")
    box = desk.page.locator(".desk .stage").bounding_box()
    assert box is not None
    desk.page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + 60)
    moved.wait_for(state="attached")
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390
    pair = desk.pair
    desk.page.locator(".desk .outcome").nth(2).tap()
    desk.page.wait_for_function("pair => window.desk().dataset.pair !== pair", arg=pair)


def test_two_fingers_zoom_and_come_to_rest_on_whole_pixels(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    desk.open(f"?pair={app.pair('dot').id}&mode=only_a")
    box = desk.page.locator(".desk .stage").bounding_box()
    assert box is not None
    before = board(desk, ALONE).size
    fingers = desk.page.context.new_cdp_session(desk.page)
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def touch(kind: str, *apart: float) -> None:
        spots = [middle[0] + side * one for one in apart for side in (1, -1)]
        points = [{"x": x, "y": middle[1], "id": number} for number, x in enumerate(spots)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 30)
    for apart in range(35, 140, 5):
        touch("touchMove", apart)
    touch("touchEnd")
    desk.page.evaluate(TWO_FRAMES)
    zoom = int(desk.page.locator(".desk .zoom").inner_text().removesuffix("%"))
    assert zoom % 100 == 0
    assert zoom / 100 >= 3 * before[0] / 160
    place = re.search(r"at=([\d.]+)%2C([\d.]+)", _linked(desk))
    assert place is not None
    assert float(place[1]) == pytest.approx(80, abs=2)
    assert float(place[2]) == pytest.approx(60, abs=2)


def _linked(desk: Desk) -> str:
    desk.page.wait_for_url(re.compile("at="))
    return desk.page.url


def test_the_renders_own_three_quarters_of_a_small_laptops_window(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    box = desk.page.locator(".desk .stage").bounding_box()
    assert box is not None
    assert box["width"] * box["height"] >= 0.75 * 1280 * 800
