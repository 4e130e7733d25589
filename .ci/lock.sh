#!/bin/sh
# Writes requirements.lock anew: the ranges of pyproject.toml, resolved by uv for every Python and system that they allow,
# with the hashes of all their wheels.  What only PyTorch's builds for graphics cards need, gigabytes, goes into
# requirements-cuda.lock, and PyTorch's builds for processors alone into requirements-cpu.lock.  PYTHON, PIP_ARGS, TORCH
# and LOCK_ARGS (more words for uv, such as --constraints FILE) come from the Makefile.
set -eu
cd -- "$(dirname -- "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT TERM

"$PYTHON" -m venv "$scratch/venv"
# shellcheck disable=SC2086  # PIP_ARGS and LOCK_ARGS are several words
"$scratch/venv/bin/python" -m pip install -qq ${PIP_ARGS:-} --require-hashes --only-binary :all: --no-deps \
    -r .ci/lock-tool.txt
echo "$TORCH" >"$scratch/torch.txt"
# pip itself is whatever comes with Python.
# shellcheck disable=SC2086
"$scratch/venv/bin/uv" pip compile --quiet ${PIP_ARGS:-} ${LOCK_ARGS:-} --universal --generate-hashes \
    --only-binary :all: --python-version "$(sed -n 's/^requires-python = ">=\(.*\)"$/\1/p' pyproject.toml)" \
    --extra dev --extra onnx --constraints "$scratch/torch.txt" --no-emit-package pip --no-annotate --no-header \
    --output-file "$scratch/all.txt" pyproject.toml

"$scratch/venv/bin/python" - "$scratch/all.txt" "$scratch" <<'PY'
import re
import sys
from pathlib import Path

HEADER = "# {}, with the hashes of their files.  Written by 'make lock'; don't edit.\n"
CUDA = re.compile(r"nvidia-|cuda-|triton==")
# What pyproject.toml's environments say of each package; elsewhere a package would be left out in silence.
EVERYWHERE = re.compile(r"python_full_version < '[\d.]+'( and )?|( and )?\(sys_platform == 'darwin' or sys_platform == 'linux'\)")

entries = re.split(r"\n(?=\S)", Path(sys.argv[1]).read_text(encoding="utf-8").strip("\n"))
builds = [line.split() for line in Path(".ci/torch-builds.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
for place, entry in enumerate(entries):
    pin, *hashes = entry.split(" \\\n")
    pin = re.sub(r" (;|and) $", "", EVERYWHERE.sub("", pin))
    entries[place] = entry = " \\\n".join([pin, *hashes])
    if torch := re.match(r"torch==(\S+)", entry):
        ours = [digest for digest, name in builds if name.startswith(f"torch-{torch[1]}+")]
        entries[place] = " \\\n".join([entry, *(f"    --hash=sha256:{digest}" for digest in ours)])
        lines = "".join(f" \\\n    --hash=sha256:{digest}" for digest in ours)
        cpu = HEADER.format("PyTorch's builds for processors alone") + (f"torch=={torch[1]}+cpu{lines}\n" if ours else "")
        (Path(sys.argv[2]) / "requirements-cpu.lock").write_text(cpu, encoding="utf-8")
        if not ours:
            print(f"lock: .ci/torch-builds.txt has no build of PyTorch {torch[1]}: only PyPI's are taken", file=sys.stderr)
for name, title, is_cuda in (
    ("requirements.lock", "Exact versions of everything that the set-up installs", False),
    ("requirements-cuda.lock", "What PyTorch's builds for graphics cards need besides", True),
):
    chosen = [entry for entry in entries if bool(CUDA.match(entry)) == is_cuda]
    (Path(sys.argv[2]) / name).write_text("\n".join([HEADER.format(title) + chosen[0], *chosen[1:]]) + "\n", encoding="utf-8")
    print(f"{name}: {len(chosen)} packages")
PY
mv -- "$scratch/requirements.lock" "$scratch/requirements-cpu.lock" "$scratch/requirements-cuda.lock" .
