"""The tokenizer: every letter of the quoted text is one token, every known word one token, the rest vanishes.

It is an ordinary `tokenizer.json`: all cleaning is done by its normaliser, so that any prompt, in any
capitals and with any filler, reaches the network as the few words it was trained on. Quotes become `<` and
`>`; a text is upper-cased and cut to nine characters there, and a third line is dropped.
"""

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from training.glyphs import CHARACTERS, SHAPES
from training.posters import COLORS, KINDS, MAX_CHARACTERS, TRANSPARENT

LENGTH = 32
"""Tokens of every prompt after padding; the longest prompt of the grammar has as many."""
SPECIAL = ("<pad>", "<bos>", "<unk>", "<eos>")
WORDS = (*KINDS, "small", "mixed", *COLORS, TRANSPARENT, "on", "with", *SHAPES)
SYNONYMS = {
    "crimson|scarlet": "red",
    "gold|golden|amber": "yellow",
    "violet|lilac": "purple",
    "turquoise|cyan": "teal",
    "ivory|beige": "cream",
    "rose|magenta": "pink",
    "see-through|clear": "transparent",
    "tiny|little": "small",
    "round|disc|dot": "circle",
    "sign|label": "badge",
}
VOCABULARY = {token: k for k, token in enumerate((*SPECIAL, "<", ">", "_", *CHARACTERS, *WORDS))}
OPEN, CLOSE = VOCABULARY["<"], VOCABULARY[">"]
_INSIDE, _OUTSIDE = r"(?=[^<>]*>)", r"(?![^<>]*>)"


def new_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer as transformers and diffusers load it."""
    core = Tokenizer(models.WordLevel(VOCABULARY, unk_token="<unk>"))
    core.normalizer = _normalizer()
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(r"[a-z]+|[^a-z]"), "isolated"),
        ]
    )
    core.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>",
        special_tokens=[("<bos>", VOCABULARY["<bos>"]), ("<eos>", VOCABULARY["<eos>"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        model_max_length=LENGTH,
        pad_token="<pad>",
        bos_token="<bos>",
        unk_token="<unk>",
        eos_token="<eos>",
    )


def _normalizer() -> normalizers.Normalizer:
    return normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("[<>_]"), " "),
            normalizers.Replace(Regex("[“”„«»]"), '"'),
            # An opening quote has an odd number of quotes after it.
            normalizers.Replace(Regex(r'"(?=[^"]*"(?:[^"]*"[^"]*")*[^"]*\z)'), "<"),
            normalizers.Replace('"', ">"),
            *(normalizers.Replace(Regex(c.lower() + _INSIDE), c) for c in CHARACTERS if c.isalpha()),
            normalizers.Replace(Regex(r"[^A-Z0-9!?&%.\- <>]" + _INSIDE), ""),
            *_cleaned_lines(),
            *(normalizers.Replace(Regex(rf"\b(?:{old})\b"), new) for old, new in SYNONYMS.items()),
            normalizers.Replace(Regex(r"\b(?!(?:" + "|".join(WORDS) + r")\b)[a-z]+\b"), " "),
            normalizers.Replace(Regex(r"[^a-z<> ]" + _OUTSIDE), " "),
        ]
    )


def _cleaned_lines() -> list[normalizers.Normalizer]:
    """Trim each text, cut it, write its spaces as `_`, and keep the first two that are not empty."""
    two_lines = r"\A[^<>]*(?:<[^<>]*>[^<>]*){2}"
    return [
        normalizers.Replace(Regex("< +"), "<"),
        normalizers.Replace("<>", ""),
        *(normalizers.Replace(Regex(two_lines + r"\K<[^<>]*>"), "") for _ in range(4)),
        normalizers.Replace(Regex(rf"(?<=<[^<>]{{{MAX_CHARACTERS}}})[^<>]+"), ""),
        normalizers.Replace(Regex(" +(?=>)"), ""),
        normalizers.Replace(Regex(" " + _INSIDE), "_"),
    ]
