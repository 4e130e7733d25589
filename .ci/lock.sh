#!/bin/sh
# Writes requirements.lock anew: the ranges of pyproject.toml, resolved in a fresh environment.
# PYTHON, PIP_ARGS and TORCH come from the Makefile.
set -eu
cd -- "$(dirname -- "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT TERM

"$PYTHON" -m venv "$scratch/venv"
"$scratch/venv/bin/python" - >"$scratch/ranges.txt" <<'PY'
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
print(*project["dependencies"], *project["optional-dependencies"]["dev"], sep="\n")
PY
# shellcheck disable=SC2086  # PIP_ARGS is several words
"$scratch/venv/bin/python" -m pip install -qq ${PIP_ARGS:-} "$TORCH" -r "$scratch/ranges.txt"

{
    echo "# Exact versions of everything that the set-up installs.  Written by 'make lock'; don't edit."
    # A local suffix such as +cpu names one build; without it pip takes the build that its index offers.
    "$scratch/venv/bin/python" -m pip freeze --all --exclude pip | sed 's/+[^ ]*$//'
} >"$scratch/requirements.lock"
mv -- "$scratch/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -c == requirements.lock) packages"
