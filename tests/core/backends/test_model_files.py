"""Files of a model folder: identity by content, and nothing but regular files is ever read.

Long: everything that may lie in a model's folder instead of a file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
from pathlib import Path

import pytest

from core.backends import model_files
from core.backends.model_files import file_digest, open_regular, read_json
from core.backends.model_files import model_files as list_files
from core.backends.sources import is_here, model_digest
from core.config.models import load_models
from core.errors import ModelUnavailable, UnsafeWeights

ONE = """
[models.mine]
source = "{source}"
num_inference_steps = 8
guidance_scale = 1.0
[models.mine.contract]
mode = "RGBA"
"""
WEIGHTS = "vae/diffusion_pytorch_model.safetensors"


@pytest.fixture
def models_file(tiny_models_file: Path, tmp_path: Path) -> Path:
    """``models.toml`` beside a copy of one tiny model that a test may damage."""
    shutil.copytree(tiny_models_file.parent / "tiny-sd", tmp_path / "mine")
    path = tmp_path / "models.toml"
    path.write_text(ONE.format(source="mine"))
    return path


def _digest(models_file: Path) -> str:
    return model_digest(load_models(models_file)["mine"], models_file)


def _into_blobs(models_file: Path, *, under: str) -> Path:
    """Move the VAE's weights to a folder of blobs and link to them, as a hub's cache does."""
    weights = models_file.parent / "mine" / WEIGHTS
    blob = models_file.parent / "blobs" / under
    blob.parent.mkdir()
    shutil.move(weights, blob)
    weights.symlink_to(os.path.relpath(blob, weights.parent))
    return blob


def test_weights_linked_from_a_folder_of_blobs_are_known_by_their_content(models_file: Path) -> None:
    before = _digest(models_file)
    genuine = hashlib.sha256((models_file.parent / "mine" / WEIGHTS).read_bytes()).hexdigest()
    blob = _into_blobs(models_file, under=genuine)
    assert _digest(models_file) == before
    data = bytearray(blob.read_bytes())
    data[-400:] = bytes(400)
    blob.write_bytes(data)
    assert _digest(models_file) != before


def test_a_name_of_64_hex_digits_is_no_identity(models_file: Path) -> None:
    before = _digest(models_file)
    _into_blobs(models_file, under="0" * 64)
    assert _digest(models_file) == before


def test_a_file_altered_under_its_size_and_time_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(b"one")
    times = file.stat()
    assert file_digest(file, "w") == hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"two")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert file_digest(file, "w") == hashlib.sha256(b"two").hexdigest()


def test_a_file_at_rest_is_read_once_a_process_under_whatever_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, link = tmp_path / "weights.safetensors", tmp_path / "link.safetensors"
    file.write_bytes(b"seldom read")
    link.symlink_to(file)
    opened: list[Path] = []
    real = model_files.open_regular
    monkeypatch.setattr(
        model_files, "open_regular", lambda path, *a: (opened.append(path), real(path, *a))[1]
    )
    assert file_digest(file, "a") == file_digest(link, "b") == file_digest(file, "c")
    assert opened == [file]


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _nothing(path: Path) -> None:
    path.symlink_to("nowhere")


def _itself(path: Path) -> None:
    path.symlink_to(path.name)


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(path))  # an absolute path may be too long for a socket


PUT = {
    "a device": _device,
    "a pipe": _pipe,
    "a link to nothing": _nothing,
    "cannot be read": _itself,
    "a folder": _folder,
    "a socket": _socket,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("found", sorted(PUT))
@pytest.mark.parametrize("name", ["model_index.json", "vae/config.json", "vae/notes.txt", WEIGHTS])
def test_what_is_no_regular_file_is_refused_at_once_with_its_name(
    name: str, found: str, models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(models_file.parent)
    path = models_file.parent / "mine" / name
    path.unlink(missing_ok=True)
    PUT[found](path)
    with pytest.raises(ModelUnavailable, match=f"mine: {name}: expected .*{found}"):
        _digest(models_file)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["notes", "tokenizer/chat_template.jinja", "tokenizer/more/x.jinja"])
def test_a_pipe_under_a_name_that_only_a_loader_would_read_is_refused_too(
    name: str, models_file: Path
) -> None:
    path = models_file.parent / "mine" / name
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(ModelUnavailable, match=f"mine: {name}: expected a file, found a pipe"):
        _digest(models_file)


def test_a_link_to_nothing_that_no_pipeline_reads_is_no_fault(models_file: Path) -> None:
    before = _digest(models_file)
    (models_file.parent / "mine" / "README.md").symlink_to("nowhere")
    assert _digest(models_file) == before


def test_a_part_linked_from_elsewhere_is_the_same_model(models_file: Path, tmp_path: Path) -> None:
    before = _digest(models_file)
    shutil.move(tmp_path / "mine" / "vae", tmp_path / "vae-of-ours")
    (tmp_path / "mine" / "vae").symlink_to("../vae-of-ours")
    assert _digest(models_file) == before


@pytest.mark.parametrize(
    "source",
    ["../x", "a--b/c..d", "~nouser/x", "x" * 5000, "a/" + "b" * 300, "nul\\u0000", "owner/", "", "/dev/null"],
)
def test_a_source_that_leads_nowhere_is_a_refusal_with_the_models_name(source: str, tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(ONE.format(source=source))
    spec = load_models(path)["mine"]
    with pytest.raises(ModelUnavailable, match=r"^mine: "):
        model_digest(spec, path)
    assert is_here(spec, path) is (source == "")  # the folder of models.toml itself


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 100_000, "expected JSON"),
        (b'{"a":' * 100_000, "expected JSON"),
        (b"\xff\xfe", "expected JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "expected JSON"),
        (b"[]", "expected a JSON object, got a list"),
    ],
)
def test_json_that_cannot_be_read_is_a_refusal(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=f"mine: {message}"):
        read_json(file, "mine")


def test_a_gigabyte_named_as_a_configuration_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    with file.open("wb") as stream:
        stream.truncate(2**30)
    with pytest.raises(ModelUnavailable, match="expected at most 64 MiB of JSON"):
        read_json(file, "mine")


def test_a_pipe_that_took_a_files_place_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights.safetensors"
    os.mkfifo(file)
    monkeypatch.setattr(model_files, "_regular", lambda *_: None)  # it was a file a moment ago
    with pytest.raises(ModelUnavailable, match="mine: expected weights, found no regular file"):
        open_regular(file, "mine", "weights")
    with pytest.raises(ModelUnavailable, match=r"mine: expected a file, it cannot be read \(No such file"):
        open_regular(tmp_path / "gone", "mine")


@pytest.mark.parametrize("grown", [-1, 1])
def test_a_file_that_changes_while_it_is_read_has_no_digest(grown: int, tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(b"twelve bytes")
    device, inode, size, content, entry = model_files._facts(file.stat())
    assert model_files._hashed(file, (device, inode, size, content, entry))
    with pytest.raises(
        ModelUnavailable, match="expected a file at rest, it changed while it was read"
    ) as refused:
        model_files._hashed(file, (device, inode, size + grown, content, entry))
    assert "wait until it is copied" in refused.value.remedy


def test_a_large_file_is_read_to_its_end(tmp_path: Path) -> None:
    file, content = tmp_path / "weights.safetensors", os.urandom(2**21 + 5)
    file.write_bytes(content)
    assert file_digest(file, "mine") == hashlib.sha256(content).hexdigest()


def test_what_a_hub_keeps_in_a_hidden_folder_is_no_part_of_the_model(models_file: Path) -> None:
    before = _digest(models_file)
    hidden = models_file.parent / "mine" / ".cache"
    hidden.mkdir()
    os.mkfifo(hidden / "lock")
    os.mkfifo(models_file.parent / "mine" / ".lock")
    assert _digest(models_file) == before


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("handler.py", False),
        ("weights.ckpt", False),
        ("unet/custom.py", True),
        ("unet/extra.bin", False),
        ("empty/model.bin", True),
        ("empty/model.pickle", True),
        ("empty/model.txt", False),
    ],
)
def test_a_hub_snapshot_holds_no_script_in_a_part_and_no_pickle_in_place_of_safetensors(
    name: str, refused: bool, models_file: Path
) -> None:
    folder = models_file.parent / "snapshots" / "mine"
    folder.parent.mkdir()
    (models_file.parent / "mine").rename(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"\x80\x04")
    if refused:
        with pytest.raises(UnsafeWeights, match=f"mine: expected safetensors only, found {name}"):
            list_files("mine", folder)
    else:
        assert folder / "model_index.json" in list_files("mine", folder)


def test_only_what_a_pipeline_reads_is_listed(models_file: Path) -> None:
    folder = models_file.parent / "mine"
    for name in ("README.md", "notes.json", "unet/x.txt", "unet/x.model", "unet/x.jpg", "unet/deep/x.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("{}")
    listed = {path.relative_to(folder).as_posix() for path in list_files("mine", folder)}
    assert {"model_index.json", "unet/x.txt", "unet/x.model", "unet/config.json"} <= listed
    assert not listed & {"README.md", "notes.json", "unet/x.jpg", "unet/deep/x.json"}
