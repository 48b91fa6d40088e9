# Each target sets up what it needs in .venv and redoes nothing that is up to date.
# Another Python: make report PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
COPIES := $(wildcard */notebooks/*.ipynb)
INPUTS = $(shell find src tests notebooks templates -type f -not -name '*.pyc')
SOAKED = $(patsubst tests/%.py,.soak/%,$(shell find tests -name 'test_*.py' | sort))
# not tests: they misspell on purpose
SPELLED := README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md Makefile benchmarks docs \
  src notebooks templates
PYTEST := $(BIN)/python -m pytest
# a file's tests share what it starts; files keep their order, the longest first
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

# an active environment of the user's, or their pip settings, must not leak into .venv
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PIP_PREFIX PIP_TARGET PIP_USER JUPYTER_PATH
# a tenth of the time of the tests is to compile what is not kept compiled
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help report test notebooks tests unit lowest coverage lab check audit strip \
  hooks pictures soak bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

report: .venv/.stamp-run ## render the worked example into one HTML file, and say where it is
	@$(BIN)/readybook report templates/flight-delays --out reports

test: ## run the notebooks and all tests; skips are listed with their reason
	@$(MAKE) --no-print-directory --keep-going notebooks tests

notebooks: .venv/.stamp-dev
	@$(PYTEST) $(PARALLEL) -p nbval --nbval-lax --nbval-current-env -p no:randomly \
	  notebooks

tests: .venv/.stamp-dev
	@$(PYTEST) $(PARALLEL) tests

unit: .venv/.stamp-dev ## run the tests that are quick; takes about a minute
	@$(PYTEST) $(PARALLEL) -m 'not slow and not soak' tests

# old versions warn of what came later; here that is no error
lowest: .venv-lowest/.stamp ## run the quick tests with the lowest versions that are allowed
	@.venv-lowest/bin/python -m pytest -W default $(PARALLEL) \
	  -m 'not slow and not soak' tests

coverage: .venv/.stamp-dev ## run all tests and fail where they run under 95 % of the branches
	@$(PYTEST) $(PARALLEL) --cov --cov-report=term tests

lab: .venv/.stamp-lab ## open a copy of the worked example in JupyterLab
	@$(BIN)/readybook lab templates/flight-delays

check: .venv/.stamp-dev ## lint, formatting, types, spelling and stripped notebooks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell $(SPELLED)
	$(BIN)/nbstripout --verify --keep-count --keep-id $(NOTEBOOKS)

audit: .venv/.stamp-audit ## compare what is installed with known holes; needs a network
	@$(BIN)/python -m pip freeze --quiet --disable-pip-version-check --exclude-editable | \
	  $(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r /dev/stdin

strip: .venv/.stamp-dev ## take outputs out of notebooks, so that none carries answers
	@$(BIN)/nbstripout --keep-count --keep-id $(NOTEBOOKS) $(COPIES)

hooks: .venv/.stamp-dev ## let git check and strip what is committed
	@$(BIN)/pre-commit install

pictures: .venv/.stamp-dev ## take the pictures of README and docs anew
	@READYBOOK_PICTURES=1 $(PYTEST) -k photographed \
	  tests/browser/test_pictures.py tests/report/test_rendered.py

soak: .venv/.stamp-soak ## the tests again, with Spark and many more inputs; hours, goes on where it was
	@$(MAKE) --no-print-directory --keep-going --output-sync \
	  --jobs $$(nproc 2>/dev/null || echo 2) $(SOAKED)

# a file of tests that passed is not run again until anything changes
.soak/.inputs: Makefile pyproject.toml $(INPUTS)
	@mkdir -p $(@D)
	@touch $@

.soak/%: tests/%.py .soak/.inputs
	@mkdir -p $(@D)
	@echo "$< ($$(find .soak -type f | wc -l) of $(words $(SOAKED)))"
	@HYPOTHESIS_PROFILE=soak $(PYTEST) --quiet -m '' $<
	@touch $@

bench: .venv/.stamp-run ## compare time, memory and answers with other tools; takes long
	@$(BIN)/python benchmarks/measure.py

clean: ## remove .venv, reports and caches
	rm -rf .venv .venv-lowest .soak reports dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find benchmarks src tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "readybook needs Python 3.11 or newer; '$(PYTHON)' is not." >&2; \
	  echo "Do: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up .venv; the first time this takes a minute or two." >&2
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.stamp-run: pyproject.toml .venv/.stamp-venv
	@$(PIP_INSTALL) --editable .
	@touch $@

.venv/.stamp-lab: pyproject.toml .venv/.stamp-venv
	@$(PIP_INSTALL) --editable '.[lab]'
	@touch .venv/.stamp-run $@

.venv/.stamp-dev: pyproject.toml .venv/.stamp-venv
	@$(PIP_INSTALL) --editable '.[lab,voila,dev]'
	@touch .venv/.stamp-run .venv/.stamp-lab $@

.venv/.stamp-audit: pyproject.toml .venv/.stamp-dev
	@$(PIP_INSTALL) --editable '.[lab,voila,dev,audit]'
	@touch $@

.venv/.stamp-soak: pyproject.toml .venv/.stamp-dev
	@$(PIP_INSTALL) --editable '.[lab,voila,dev,spark]'
	@touch $@

# PIP_CONSTRAINT holds for the tool that builds, too; what is no dependency is the newest
.venv-lowest/.stamp: pyproject.toml tests/lowest.py
	@$(PYTHON) -m venv .venv-lowest
	@$(PYTHON) tests/lowest.py > .venv-lowest/constraints.txt
	@PIP_CONSTRAINT=.venv-lowest/constraints.txt .venv-lowest/bin/python -m pip install \
	  --quiet --disable-pip-version-check --editable '.[lab,voila,dev]'
	@touch $@
