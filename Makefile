# Every target sets up what it needs: a virtual environment in .venv, caches in .cache. Nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help run setup test check format bench clean

help:
	@echo "make run     set up and start the server with a simulated cluster; page on http://127.0.0.1:12800/"
	@echo "make test    set up and run all tests"
	@echo "make check   linting and strict typing"
	@echo "make bench   benchmarks, as tables with machine, input and unit"
	@echo "make clean   remove the environment and all caches"

$(STAMP): pyproject.toml setup.py $(shell find protos -name '*.proto')
	@echo "== installing into $(VENV) (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

setup: $(STAMP)

