"""The networks of a text-to-image model in the SD3 format, and their assembly as a diffusers pipeline.

Two tiny CLIP text encoders and an SD3 transformer are trained together. The first encoder has three layers;
of the second, SD3 takes the state before its only layer, which is the bare embedding of each character and
its position. The pipeline class insists on a third, T5 encoder: it gets one of zeros, which returns zeros,
exactly what the class would put in its place.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers import (
    AutoencoderTiny,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from diffusers.models.attention_processor import Attention, JointAttnProcessor2_0
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, T5Config, T5EncoderModel

from training.autoencoder import LATENT_CHANNELS
from training.tokenizer import LENGTH, VOCABULARY, new_tokenizer

PATCH = 2
POSITIONS = 16
"""Tokens along each side of the table of positions; smaller canvases use its middle."""
_T5_TOKENS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a model is: `width` of the transformer (64 a head), its `blocks`, widths of the encoders."""

    width: int = 192
    blocks: int = 6
    text_width: int = 128
    character_width: int = 64


class Networks(nn.Module):
    """The trainable parts of one model: `text`, `characters` (the text encoders) and `transformer`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.text = _text_encoder(shape.text_width, layers=3, heads=4)
        self.characters = _text_encoder(shape.character_width, layers=1, heads=2)
        self.transformer = _transformer(shape)

    def embed(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Token states (count, LENGTH + 1, width), the last one for T5's 256 zeros; and the pooled state."""
        text = self.text(ids, output_hidden_states=True)
        characters = self.characters(ids, output_hidden_states=True)
        states = torch.cat([text.hidden_states[-2], characters.hidden_states[-2]], -1)
        pooled = torch.cat([text.text_embeds, characters.text_embeds], -1)
        return F.pad(states, (0, 0, 0, 1)), pooled

    def velocity(self, noisy: Tensor, sigma: Tensor, ids: Tensor) -> Tensor:
        """The flow at `noisy` latents (count, 16, height, width) and noise levels `sigma` in 0..1."""
        states, pooled = self.embed(ids)
        flow: Tensor = self.transformer(
            noisy, encoder_hidden_states=states, pooled_projections=pooled, timestep=sigma * 1000
        ).sample
        return flow


class OneForManyZeros:
    """Attention for training: one zero token, its key raised by log(256), equals the pipeline's 256 of them.

    Takes the arguments of diffusers' `JointAttnProcessor2_0` and gives the same result two to three times
    as fast.
    """

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        **unused: object,
    ) -> tuple[Tensor, Tensor]:
        count, tokens, _ = hidden_states.shape

        def heads(x: Tensor) -> Tensor:
            return x.view(count, -1, attn.heads, x.shape[-1] // attn.heads).transpose(1, 2)

        image = [heads(project(hidden_states)) for project in (attn.to_q, attn.to_k, attn.to_v)]
        text = [
            heads(project(encoder_hidden_states))
            for project in (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj)
        ]
        value = torch.cat([image[2], text[2]], 2)
        query = torch.cat([attn.norm_q(image[0]), attn.norm_added_q(text[0])], 2).to(value.dtype)
        key = torch.cat([attn.norm_k(image[1]), attn.norm_added_k(text[1])], 2).to(value.dtype)
        mask = F.pad(value.new_zeros(key.shape[2] - 1), (0, 1), value=math.log(_T5_TOKENS))
        # Written out: the fused kernel's backward pass is several times slower on CPUs at this length.
        scores = (query * query.shape[-1] ** -0.5) @ key.mT + mask
        mixed = scores.softmax(-1).to(value.dtype) @ value
        mixed = mixed.transpose(1, 2).reshape(count, query.shape[2], -1)
        image_out, text_out = mixed[:, :tokens], mixed[:, tokens:]
        if not attn.context_pre_only:
            text_out = attn.to_add_out(text_out)
        return attn.to_out[0](image_out), text_out


def _text_encoder(width: int, *, layers: int, heads: int) -> CLIPTextModelWithProjection:
    encoder = CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=len(VOCABULARY),
            max_position_embeddings=LENGTH,
            hidden_size=width,
            projection_dim=width,
            intermediate_size=(4 if layers > 1 else 2) * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            bos_token_id=1,
            eos_token_id=3,
            pad_token_id=0,
            hidden_act="gelu",
        )
    )
    for name, parameter in encoder.named_parameters():
        if "embedding" in name:
            nn.init.normal_(parameter, std=0.5 if "token" in name else 0.3)
    return encoder


def _transformer(shape: Shape) -> SD3Transformer2DModel:
    """Starts as the identity of its residual streams: gates open, outputs small, the last layer zero."""
    joint = shape.text_width + shape.character_width
    model = SD3Transformer2DModel(
        sample_size=POSITIONS * PATCH,
        patch_size=PATCH,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        num_layers=shape.blocks,
        attention_head_dim=64,
        num_attention_heads=shape.width // 64,
        joint_attention_dim=joint,
        caption_projection_dim=shape.width,
        pooled_projection_dim=joint,
        pos_embed_max_size=POSITIONS,
        qk_norm="rms_norm",
    )
    for name, layer in model.named_modules():
        if not isinstance(layer, nn.Linear):
            continue
        if name.endswith(("norm1.linear", "norm1_context.linear", "norm_out.linear")):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
            if layer.bias.numel() == 6 * shape.width:
                layer.bias.data[2 * shape.width : 3 * shape.width] = 1
                layer.bias.data[5 * shape.width :] = 1
        elif name.endswith(("to_out.0", "to_add_out", "ff.net.2", "ff_context.net.2")):
            nn.init.normal_(layer.weight, std=(2 * shape.blocks * layer.in_features) ** -0.5)
            nn.init.zeros_(layer.bias)
    nn.init.zeros_(model.proj_out.weight)
    nn.init.zeros_(model.proj_out.bias)
    return model


def _silent_t5(width: int) -> T5EncoderModel:
    encoder = T5EncoderModel(
        T5Config(
            vocab_size=len(VOCABULARY),
            d_model=width,
            d_kv=8,
            d_ff=8,
            num_layers=1,
            num_heads=1,
            dropout_rate=0.0,
        )
    )
    for parameter in encoder.parameters():
        nn.init.zeros_(parameter)
    return encoder.eval()


def pipeline(
    networks: Networks, vae: AutoencoderTiny, scheduler: FlowMatchEulerDiscreteScheduler
) -> StableDiffusion3Pipeline:
    """The model as diffusers runs it."""
    networks.eval()
    networks.transformer.set_attn_processor(JointAttnProcessor2_0())
    tokenizer = new_tokenizer()
    return StableDiffusion3Pipeline(
        transformer=networks.transformer,
        scheduler=scheduler,
        vae=vae,
        text_encoder=networks.text,
        tokenizer=tokenizer,
        text_encoder_2=networks.characters,
        tokenizer_2=tokenizer,
        text_encoder_3=_silent_t5(networks.transformer.config.joint_attention_dim),
        tokenizer_3=tokenizer,
    )
