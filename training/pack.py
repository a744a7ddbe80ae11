"""Turn a checkpoint and a decoder into a diffusers folder: safetensors, no custom code, nothing pickled.

All weights are stored in float16 and load as float32: diffusers does so by itself; transformers does what a
configuration says, so the text encoders are saved as float32 and only their files are halved.
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, StableDiffusion3Pipeline
from safetensors.torch import load_file, save_file

from training.networks import Networks, Shape, pipeline
from training.stages import Sampler


def assembled(checkpoint: Path, vae: Path, shape: Shape, sampler: Sampler) -> StableDiffusion3Pipeline:
    """The pipeline of a stage's averaged weights with the autoencoder stored at `vae`."""
    networks = Networks(shape)
    networks.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])
    return pipeline(networks, AutoencoderTiny.from_pretrained(vae), sampler.scheduler())


def pack(folder: Path, checkpoint: Path, vae: Path, shape: Shape, sampler: Sampler) -> Path:
    """Write the model to `folder`, replacing what was there in one rename; its README is kept."""
    model = assembled(checkpoint, vae, shape, sampler)
    model.transformer.to(torch.float16)
    model.vae.to(torch.float16)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save_pretrained(unfinished, safe_serialization=True)
    config = unfinished / "vae" / "config.json"
    kept = json.loads(config.read_text())
    kept.pop("_name_or_path", None)  # where it lay while it was trained is nobody's business
    config.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    for file in unfinished.glob("text_encoder*/model.safetensors"):
        halved = {name: value.half() for name, value in load_file(file).items()}
        save_file(halved, file, metadata={"format": "pt"})
    if (folder / "README.md").exists():
        shutil.copy(folder / "README.md", unfinished)
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        folder.rename(old)
        unfinished.rename(folder)
        shutil.rmtree(old)
    else:
        unfinished.rename(folder)
    return folder


def size_mib(folder: Path) -> float:
    """Mebibytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20
