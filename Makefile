# Bulletin Desk.  `make` alone lists what there is.

PYTHON ?= python3
# Words passed to pip, and to uv in make lock, such as another package index.
PIP_ARGS ?=
# More words for uv in make lock, such as --constraints FILE.
LOCK_ARGS ?=
# `make lock` moves everything but this: PyTorch's builds differ by machine, so its version is moved by hand.
TORCH ?= torch==2.13.0

# Where known holes of packages are asked for: any service that speaks as OSV (osv.dev) does.
AUDIT_URL ?= https://api.osv.dev/v1/query
# What it means that this service can't be reached: "fail", or "tell" in one line.
AUDIT_UNREACHABLE ?= $(if $(CI),fail,tell)

export PYTHON PIP_ARGS LOCK_ARGS TORCH AUDIT_URL AUDIT_UNREACHABLE

RUN = .venv/bin/python -m
# As many tests side by side as there are cores.
TESTS = $(RUN) pytest -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup chat check test lint types audit browser benchmark soak attacks lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## install requirements.lock into .venv; nothing to do when it's there
	@.ci/setup.sh

chat: setup  ## serve the page; builds the library first where it's missing
	@.venv/bin/python app.py

check: setup lint types  ## lint, type-check, and the tests without browser, model or other processes; two minutes
	@$(TESTS) -m "not browser and not model and not process"

test: setup lint types audit browser  ## lint, type-check, look for known holes in packages, and run every test; minutes
	@$(TESTS)

lint: setup  ## ruff over the code, its layout too
	@$(RUN) ruff check --quiet .
	@$(RUN) ruff format --quiet --check .

types: setup  ## mypy, strict, over rag/ and embeddings/
	@$(RUN) mypy

audit: setup  ## ask for known holes in the packages of requirements.lock
	@.ci/audit.sh

browser:
	@.ci/browser.sh

benchmark: setup  ## time the desk on this machine
	@$(RUN) benchmarks
	@$(RUN) benchmarks costliest --bulletins 100 --seconds 5

soak: setup  ## try for long what can befall the library, and serve 20 questions a second; half an hour
	@$(RUN) tests.faults.soak --save
	@TEST_LONG=1 $(RUN) pytest -m soak

attacks: setup  ## try for long what can be tried against the desk from outside; minutes
	@$(RUN) tests.attacks.all --save

lock:  ## resolve pyproject.toml anew into requirements.lock
	@.ci/lock.sh

clean:  ## remove .venv and caches; the built library stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
