# Setting up, running and judging AnXin LMS. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
ARGS ?=
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

BIN := .venv/bin
# Wheels only: nothing is compiled, no package's setup code runs here.
INSTALL := $(BIN)/python -m pip install -qq --require-hashes --only-binary :all:
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --python-version 3.11 \
	--python-platform x86_64-manylinux_2_28 --generate-hashes --no-header --group build

.PHONY: help
help: ## show this list
	@awk 'BEGIN { FS = ":[^#]*## " } /^[a-z-]+:[^#]*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

# ---- setting up: a stamp for each step, so that a second run has nothing to do

.PHONY: setup setup-run system
setup: .venv/.stamp-dev .venv/.stamp-app ## everything a developer needs, into .venv
setup-run: .venv/.stamp-run .venv/.stamp-app ## only what the running system needs, into .venv
setup setup-run:
	@:
system: ## the Debian packages the tests need (Chromium, a Chinese font, PDF tools)
	@scripts/system-packages.sh

.venv/bin/python:
	@echo "Creating .venv"
	@scripts/create-venv.sh

.venv/.stamp-run: requirements.lock | .venv/bin/python
	@echo "Installing the libraries (50 packages, once; half a minute)"
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/.stamp-dev: requirements-dev.lock | .venv/bin/python
	@echo "Installing the libraries and the tools (87 packages, once; about a minute)"
	@$(INSTALL) -r requirements-dev.lock
	@touch .venv/.stamp-run $@

.venv/.stamp-app: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q lms
	@touch $@

# ---- running

.PHONY: run
run: setup-run ## the demo on http://127.0.0.1:8000 (another port: make run PORT=8080)
	@exec $(BIN)/lms demo serve

# ---- judging

.PHONY: test check lint types contracts fix
test: setup system ## all tests; some of them: make test ARGS="tests/quizzes -k seed"
	@$(BIN)/python -m pytest -n 2 --timeout 120 $(ARGS)

check: setup lint types contracts test ## what the merge gate checks

lint: setup ## style, formatting, lock files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@if grep -Hn '://' requirements.lock requirements-dev.lock; then echo "a lock file names a host" >&2; exit 1; fi

types: setup ## mypy --strict
	@$(BIN)/mypy

contracts: setup ## who may import whom; the plugins' contracts; what content/ holds, and that nothing is wrong with it
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/lms contracts
	@$(BIN)/lms content check

fix: setup ## repair what ruff can repair
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench screenshots
bench: setup ## load the real server and print requests, times and CPU
	@$(BIN)/python -m scripts.bench $(ARGS)

screenshots: setup system ## take the pictures of the README from the demo
	@$(BIN)/python -m scripts.screenshots $(ARGS)

# ---- keeping house

.PHONY: lock wheel
lock: setup ## resolve requirements*.lock again; newer versions: make lock ARGS=--upgrade
	@$(LOCK) $(ARGS) --output-file requirements.lock
	@$(LOCK) $(ARGS) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

wheel: setup ## build the wheel, content included, into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl
