"""How the embedded models are made: drawn posters, autoencoders, diffusion transformers, few-step training.

`python -m training` runs every stage in order and resumes where it stopped; `stages.py` is the plan.
"""

from core.torch_runtime import make_torchvision_importable, prepare_process

prepare_process()
# Before the first import of diffusers, which a torchvision built for another torch would break.
make_torchvision_importable()
