#!/bin/sh
# Brings .venv to what requirements.lock says; does nothing, in well under a second, where it already is.
# PYTHON (the Python to build on) and PIP_ARGS (words passed to pip) come from the Makefile.
set -eu
cd -- "$(dirname -- "$0")/.."

stop() {
    echo "set-up: $1" >&2
    exit 1
}

named=${PYTHON:-python3}
command -v -- "$named" >/dev/null ||
    stop "there is no $named. Install Python 3.11 or newer (Debian: apt-get install python3.11 python3.11-venv), or name one: make PYTHON=/path/to/python3"

# The real interpreter, not a shim and not an activated .venv that is about to be rebuilt.
python=$("$named" -c 'import sys; print(getattr(sys, "_base_executable", "") or sys.executable)') ||
    stop "$named doesn't run. Name a Python 3.11 or newer: make PYTHON=/path/to/python3"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$python is Python $version, and 3.11 or newer is needed. Name one: make PYTHON=/path/to/python3"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "$python can't make virtual environments. Install what it lacks (Debian: apt-get install python$version-venv), or name another: make PYTHON=/path/to/python3"

key=$("$python" -c '
import hashlib, sys
digest = hashlib.sha256(sys.version.encode())
for name in ("requirements.lock", "requirements-cpu.lock", "requirements-cuda.lock", "pyproject.toml"):
    with open(name, "rb") as file:
        digest.update(hashlib.sha256(file.read()).digest())
print(digest.hexdigest())')

stamp=.venv/.set-up
unfinished=.venv/.set-up-unfinished  # still there after an interruption: half a package may look whole to pip
same_python() {  # A moved or upgraded Python leaves an environment that can't be trusted.
    [ "$(.venv/bin/python -c 'import sys; print(sys.version)' 2>/dev/null)" = "$("$python" -c 'import sys; print(sys.version)')" ]
}

if [ ! -e $unfinished ] && [ "$(cat $stamp 2>/dev/null)" = "$key" ] && same_python; then
    exit 0
fi

echo "set-up: installing requirements.lock into .venv (minutes the first time)" >&2
if [ -e $unfinished ] || ! same_python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear .venv
fi
rm -f $stamp
: >$unfinished
# Wheels alone, since building a package runs its code, and only the very files that the lock names.
pip_install() {
    # shellcheck disable=SC2086  # PIP_ARGS is several words
    .venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --no-deps ${PIP_ARGS:-} -r "$1"
}
install() {
    pip_install "$1" || stop "pip could not install $1 (its reason is above). Mend that and run make again"
}
# PyTorch's small build is asked for by its own name first: of two builds, pip takes the one whose hash an index tells,
# which is PyPI's, with gigabytes for graphics cards on Linux.
if ! pip_install requirements-cpu.lock 2>$unfinished; then
    if grep -q "DO NOT MATCH THE HASHES" $unfinished; then
        cat $unfinished >&2
        stop "pip could not install requirements-cpu.lock (its reason is above). Mend that and run make again"
    fi
    echo "set-up: pip is offered no build of PyTorch for processors alone, so it takes the common one, which may be gigabytes larger (docs/deploying.md)" >&2
fi
install requirements.lock
# PyTorch's builds for graphics cards say that they need NVIDIA's libraries; those for processors alone don't.
if grep -qsE '^Requires-Dist: (nvidia|cuda|triton)' .venv/lib/python*/site-packages/torch-*.dist-info/METADATA; then
    install requirements-cuda.lock
fi
.venv/bin/python -m pip check >$unfinished 2>&1 ||
    stop "requirements.lock isn't whole: $(head -n 1 $unfinished). Run make lock, then make again"

echo "$key" >$stamp
rm $unfinished
