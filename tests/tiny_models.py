"""Real diffusers pipelines at tiny size, built from configurations in a second or two: no mock models here.

Weights are random but seeded, and scaled up so that prompts, seeds and steps visibly change the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.torch_runtime import prepare_torch

prepare_torch()

import diffusers  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402
from transformers import (  # noqa: E402
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

TOKENS = 24
DECLARATIONS = """
[models.tiny-sd]
source = "tiny-sd"
num_inference_steps = 3
guidance_scale = 5.0
scheduler = "DDIMScheduler"
batch_size = 2
[models.tiny-sd.contract]
mode = "RGB"
max_pixels = 4096

[models.tiny-sdxl]
source = "tiny-sdxl"
num_inference_steps = 3
guidance_scale = 5.0
scheduler = "EulerAncestralDiscreteScheduler"
[models.tiny-sdxl.contract]
mode = "RGB"
max_pixels = 4096

[models.tiny-sd3]
source = "tiny-sd3"
num_inference_steps = 3
guidance_scale = 4.0
batch_size = 4
[models.tiny-sd3.contract]
mode = "RGBA"
max_pixels = 4096
"""


def build(folder: Path) -> Path:
    """Write ``tiny-sd``, ``tiny-sdxl``, ``tiny-sd3`` and ``models.toml`` into the folder; gives the file."""
    torch.manual_seed(7)
    transformers.utils.logging.disable_progress_bar()
    for name, pipeline in (("tiny-sd", _sd()), ("tiny-sdxl", _sdxl()), ("tiny-sd3", _sd3())):
        pipeline.save_pretrained(folder / name)
    models_file = folder / "models.toml"
    models_file.write_text(DECLARATIONS)
    return models_file


def _sd() -> Any:
    return diffusers.StableDiffusionPipeline(
        vae=_vae(channels=3, latent_channels=4),
        unet=_unet(cross_attention_dim=32),
        text_encoder=CLIPTextModel(_clip()),
        tokenizer=_tokenizer(),
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl() -> Any:
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(channels=3, latent_channels=4),
        unet=_unet(
            cross_attention_dim=64,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=80,
        ),
        text_encoder=CLIPTextModel(_clip()),
        text_encoder_2=CLIPTextModelWithProjection(_clip()),
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        scheduler=diffusers.EulerDiscreteScheduler(),
    )


def _sd3() -> Any:
    return diffusers.StableDiffusion3Pipeline(
        vae=_vae(channels=4, latent_channels=4, shift_factor=0.06),
        transformer=diffusers.SD3Transformer2DModel(
            sample_size=32,
            patch_size=1,
            in_channels=4,
            out_channels=4,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=64,
            pos_embed_max_size=32,
        ),
        text_encoder=CLIPTextModelWithProjection(_clip()),
        text_encoder_2=CLIPTextModelWithProjection(_clip()),
        text_encoder_3=T5EncoderModel(
            T5Config(vocab_size=120, d_model=64, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ),
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        tokenizer_3=_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


def _vae(*, channels: int, latent_channels: int, **kind: Any) -> Any:
    return diffusers.AutoencoderKL(
        in_channels=channels,
        out_channels=channels,
        latent_channels=latent_channels,
        block_out_channels=(16, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=8,
        **kind,
    )


def _unet(**kind: Any) -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=8,
        attention_head_dim=(2, 4),
        **kind,
    )


def _clip() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=120,
        hidden_size=32,
        projection_dim=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        initializer_factor=10.0,
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    """One token a printable character."""
    tokens = ["<pad>", "<start>", "<end>", "<unknown>", *map(chr, range(33, 127))]
    tokenizer = Tokenizer(
        models.WordLevel({token: number for number, token in enumerate(tokens)}, unk_token="<unknown>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=TOKENS,
        pad_token="<pad>",
        unk_token="<unknown>",
        bos_token="<start>",
        eos_token="<end>",
    )
