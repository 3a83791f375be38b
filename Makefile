# Everything a newcomer needs: each target does its own set-up in .venv and can be run again.

SHELL := /bin/bash
PYTHONS := $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python
BIN := .venv/bin
OUT := out
DEVICES := 400
PORT := 8724

.DEFAULT_GOAL := help
.PHONY: help demo test lab bench lint clean

help:
	@echo "make demo    a fleet report about an invented fleet, with nothing but this machine"
	@echo "make lab     JupyterLab on the notebooks, with the sandbox running"
	@echo "make test    all tests, in a real browser too"
	@echo "make lint    ruff and mypy"
	@echo "make bench   benchmarks (25 minutes; ARGS='software --rounds 2' for one of them)"
	@echo "make clean   remove .venv and what was built"

demo: .venv/.installed
	@$(BIN)/ninja-analytics demo --out $(OUT) --devices $(DEVICES)

test: .venv/.installed-dev
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# The sandbox stops when JupyterLab does, or when one of them is interrupted.
lab: .venv/.installed
	@$(BIN)/ninja-analytics sandbox --port $(PORT) --devices $(DEVICES) & \
	trap "kill $$! 2>/dev/null; wait" EXIT; \
	$(BIN)/jupyter lab notebooks $$([ "$$(id -u)" = 0 ] && echo --allow-root) $(ARGS)

bench: .venv/.installed-dev
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lint: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:
	rm -rf .venv build dist out .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks

# The newest Python that is fit: 3.11 or later, able to make a virtual environment.
.venv/bin/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making .venv with $$($$python --version) …"; \
	    exec $$python -m venv .venv; \
	  fi; \
	done; \
	echo "This needs Python 3.11 or later with venv; none of these will do: $(PYTHONS)." >&2; \
	echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or: make PYTHON=/path/to/python" >&2; \
	exit 1

.venv/.installed: pyproject.toml | .venv/bin/python
	@echo "Installing ninja_analytics into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	@echo "Installing ninja_analytics and its tools into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@ .venv/.installed
