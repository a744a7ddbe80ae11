"""LPIPS weights are fetched whole, compared, reduced to their convolutions, and never replaced by others."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.checks import weights
from core.config.settings import Settings
from core.errors import CheckUnavailable, UnknownName


@pytest.fixture
def published_backbone(tmp_path: Path) -> weights.Backbone:
    """A backbone whose checkpoint lies on this disk."""
    checkpoint = tmp_path / "host" / "tiny.pth"
    checkpoint.parent.mkdir()
    state = {"features.0.weight": torch.ones(2, 3), "classifier.1.weight": torch.zeros(1_000)}
    torch.save(state, checkpoint)
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    return weights.Backbone(
        net="tiny",
        file="tiny-features.safetensors",
        url=checkpoint.as_uri(),
        sha256_prefix=digest[:8],
        digest=None,
    )


def test_only_the_convolutions_are_kept(published_backbone: weights.Backbone, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    file = weights.fetch_backbone(
        published_backbone, tmp_path / "home", on_progress=lambda done, total: seen.append((done, total))
    )
    assert list(load_file(file)) == ["features.0.weight"]
    assert seen[-1][0] == seen[-1][1]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["tiny-features.safetensors"]


def test_a_fetched_file_carries_its_proof_and_any_other_of_its_shape_is_refused(
    published_backbone: weights.Backbone,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(weights.BACKBONES, "tiny", published_backbone)
    folder = settings.home / "weights"
    file = weights.fetch_backbone(published_backbone, folder, on_progress=lambda done, total: None)
    assert weights.load("tiny", settings).tensors["features.0.weight"].shape == (2, 3)
    for metadata in (None, {weights.FETCH_RECORD: "something else"}):
        elsewhere = tmp_path / f"other {metadata}"
        elsewhere.mkdir()
        save_file({"features.0.weight": torch.rand(2, 3)}, elsewhere / file.name, metadata=metadata)
        with pytest.raises(CheckUnavailable, match="unknown origin") as raised:
            weights.load("tiny", replace(settings, lpips_weights=elsewhere))
        assert "weights fetch tiny" in raised.value.remedy


def test_an_altered_download_leaves_nothing_behind(
    published_backbone: weights.Backbone, tmp_path: Path
) -> None:
    other = replace(published_backbone, sha256_prefix="00000000")
    with pytest.raises(CheckUnavailable, match="expected a SHA-256 beginning 00000000, got"):
        weights.fetch_backbone(other, tmp_path / "home", on_progress=lambda done, total: None)
    assert list((tmp_path / "home").iterdir()) == []


def test_an_unreachable_host_is_told_with_what_to_do(
    published_backbone: weights.Backbone, tmp_path: Path
) -> None:
    gone = replace(published_backbone, url=(tmp_path / "nothing.pth").as_uri())
    with pytest.raises(CheckUnavailable, match="cannot be reached") as raised:
        weights.fetch_backbone(gone, tmp_path / "home", on_progress=lambda done, total: None)
    assert "SIDEGRADE_LPIPS_WEIGHTS" in raised.value.remedy


def test_missing_weights_name_the_command(settings: Settings) -> None:
    with pytest.raises(CheckUnavailable, match=r"missing: alexnet-features.safetensors") as raised:
        weights.load("alex", settings)
    assert "sidegrade weights fetch" in raised.value.remedy


def test_a_truncated_file_is_unreadable_not_random(settings: Settings) -> None:
    folder = settings.home / "weights"
    folder.mkdir(parents=True)
    (folder / "alexnet-features.safetensors").write_bytes(b"\x10\x00\x00\x00")
    with pytest.raises(CheckUnavailable, match="unreadable"):
        weights.load("alex", settings)


def test_an_unknown_net_is_refused(settings: Settings) -> None:
    with pytest.raises(UnknownName, match="did you mean alex"):
        weights.find("alexa", settings)


def test_the_digest_of_tensors_ignores_the_file_they_lie_in() -> None:
    one = {"b": torch.ones(2), "a": torch.zeros(3)}
    other = {"a": torch.zeros(3, dtype=torch.float64), "b": torch.ones(2)}
    assert weights.tensors_digest(one) == weights.tensors_digest(other)
    assert weights.tensors_digest(one) != weights.tensors_digest({"a": torch.zeros(3)})


def test_the_named_folder_comes_before_the_home_folder(settings: Settings, tmp_path: Path) -> None:
    named = replace(settings, lpips_weights=tmp_path / "named")
    files = [
        folder / "alexnet-features.safetensors" for folder in (tmp_path / "named", settings.home / "weights")
    ]
    assert weights.find("alex", named) is None
    for file in reversed(files):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"")
        assert weights.find("alex", named) == file
    assert weights.find("alex", settings) == files[1]


def test_a_backbone_is_fetched_into_a_home_that_is_not_there_yet_and_again_into_one_that_is(
    published_backbone: weights.Backbone, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(weights.BACKBONES, "tiny", published_backbone)
    assert not settings.home.exists()
    for _ in range(2):
        file = weights.fetch("tiny", settings)
        assert file == settings.home / "weights" / published_backbone.file
        assert file.is_file()


class Host:
    """An answer of so many bytes that does not say how many."""

    def __init__(self, data: bytes, headers: dict[str, str]) -> None:
        self.headers, self._file = headers, io.BytesIO(data)
        self.read = self._file.read

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


@pytest.mark.parametrize("told", [True, False])
def test_progress_is_told_by_the_mebibyte_with_the_total_where_it_is_known(
    told: bool, published_backbone: weights.Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(2**20 + 5)
    headers = {"Content-Length": str(len(data))} if told else {}
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: Host(data, headers))
    seen: list[tuple[int, int | None]] = []
    large = replace(published_backbone, sha256_prefix=hashlib.sha256(data).hexdigest()[:8])
    weights._download(large, tmp_path / "file", lambda done, total: seen.append((done, total)))
    total = len(data) if told else None
    assert seen == [(2**20, total), (2**20 + 5, total)]
    assert (tmp_path / "file").read_bytes() == data
