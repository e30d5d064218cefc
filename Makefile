# Everything from a fresh clone: `make demo`, `make test`. See `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt
# No build isolation: the build tools are locked by constraints.txt like everything else.
INSTALL := $(PIP) --no-build-isolation -e

.DELETE_ON_ERROR:
.PHONY: help demo test check lint types imports clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##/  make \1 \t/p' Makefile | expand -t 20

demo: $(VENV)/run.stamp  ## install, then train on the bundled images and say what to try next
	$(BIN)/pellucid demo --overwrite

test: $(VENV)/dev.stamp  ## all tests, and the examples in the docstrings
	$(BIN)/python -m pytest

check: lint types imports  ## lint, types and import rules

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/dev.stamp
	$(BIN)/mypy

imports: $(VENV)/dev.stamp
	$(BIN)/lint-imports

clean:  ## remove what make, the tools and the demo wrote
	rm -rf $(VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make a second call do nothing.

$(VENV)/made.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Pellucid needs Python 3.11 or newer, and" \
	  "there is no '$(PYTHON)': install it (Debian: apt-get install python3 python3-venv)" \
	  "or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pellucid needs" \
	  "Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1): name another" \
	  "one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' has no venv" \
	  "module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: $(VENV)/made.stamp pyproject.toml constraints.txt
	@echo "Installing Pellucid into $(VENV) (the first time takes a minute or two)"
	$(PIP) hatchling editables
	$(INSTALL) .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(INSTALL) '.[dev]'
	@touch $@
