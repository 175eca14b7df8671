# Two commands do everything: `make run` and `make test`. Both set up what they need, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARCHIVE ?= news-archive
UV := $(shell command -v uv 2>/dev/null)

# In a variable, since a comma would part the arguments of `call`.
WITH_TESTS := .[test,lint]

.DEFAULT_GOAL := help
.PHONY: help run test check lint types clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

run: $(VENV)/.installed ## install, re-clean seeds/ into news-archive/, show what was kept and cut
	@$(BIN)/pressmark reclean seeds/ --archive $(ARCHIVE)

test: $(VENV)/.installed-test $(VENV)/.installed-judges $(VENV)/.installed-datasette1 ## set up and run the tests
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: lint types test ## what CI runs: lint, types, tests

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

clean: ## remove the environment, what was built, and caches (never an archive)
	rm -rf $(VENV) build *.egg-info pipelines/*.so pipelines/model/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Half an environment would look like a whole one next time.
NO_VENV := { rm -rf $(VENV); exit 1; }

# An environment is made with uv where it is installed, else with python3's own venv and pip. Where uv cannot
# reach the package index (it does not read pip's settings: a mirror, a company's certificate), pip is asked.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "pressmark needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
ifdef UV
	@uv venv --quiet --seed --python $(PYTHON) $(VENV) || $(PYTHON) -m venv --clear $(VENV) || $(NO_VENV)
else
	@$(PYTHON) -m venv $(VENV) || $(NO_VENV)
endif

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ifdef UV
install = VIRTUAL_ENV=$(VENV) uv pip install --quiet -e '$(1)' || $(PIP_INSTALL) -e '$(1)'
else
install = $(PIP_INSTALL) -e '$(1)'
endif

# What is compiled, where there is a compiler: built again when it changes.
COMPILED := setup.py pipelines/html_elements.py pipelines/html_markdown.py pipelines/html_walk.py \
  $(wildcard pipelines/*.pxd pipelines/model/*.pyx)

$(VENV)/.installed: pyproject.toml $(COMPILED) | $(VENV)/bin/python
	@echo "Installing pressmark into $(VENV) (once; a minute or two) …"
	@$(call install,.)
	@touch $@

# What judges our files, in an environment of its own: pywb's dependencies are not ours (docs/decisions/0008).
# pywb asks for pkg_resources, which newer setuptools no longer has.
JUDGES := 'setuptools<81' 'pywb>=2.8' 'wacz>=0.5' 'cdxj-indexer>=1.4.6' 'warctools>=5' 'fastwarc>=0.15'
# Systems whose sites we crawl (tests/foreign), beside them.
SYSTEMS := 'pelican[markdown]>=4.9' 'nikola>=8.3'

$(VENV)/.installed-judges: Makefile | $(VENV)/bin/python
	@echo "Installing the programs that judge our WARC files into $(VENV)/judges (once) …"
	@$(PYTHON) -m venv --clear $(VENV)/judges
	@$(VENV)/judges/bin/python -m pip install --quiet --disable-pip-version-check $(JUDGES)
	@$(VENV)/judges/bin/python -m pip install --quiet --disable-pip-version-check $(SYSTEMS)
	@touch $@

# The newest alpha of Datasette 1.0 opens an archive as well (tests/front/test_datasette_1.py). The alpha in the
# bound lets pip take alphas of this package, and of no other.
$(VENV)/.installed-datasette1: Makefile | $(VENV)/bin/python
	@echo "Installing the newest Datasette 1.0 into $(VENV)/datasette1 (once) …"
	@$(PYTHON) -m venv --clear $(VENV)/datasette1
	@$(VENV)/datasette1/bin/python -m pip install --quiet --disable-pip-version-check 'datasette>=1.0a41'
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(COMPILED) | $(VENV)/bin/python
	@echo "Installing the test tools into $(VENV) (once) …"
	@$(call install,$(WITH_TESTS))
	@touch $@ $(VENV)/.installed
