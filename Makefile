# Every target sets up what it needs: a virtual environment in .venv, caches in .cache. Nothing else is touched, except that
# `make setup` installs Debian's Node.js and npm, and `make test` Debian's Chromium, with its driver, and Debian's MariaDB
# where they are missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PROTOS := $(shell find protos -name '*.proto')
CONSOLE := oap/query/page/index.html
CONSOLE_SOURCES := $(shell find console/src console/static -type f) console/build.mjs console/tsconfig.json
NODE_MODULES := console/node_modules/.package-lock.json

# What `make run` simulates: the name of a scenario in config/scenarios, a file, or nothing to wait for real agents.
SCENARIO ?= bookinfo
# More arguments for pytest, such as TESTS="tests/oal -x".
TESTS ?=
# Test files that run at once: tests wait for servers that start more than they compute. WORKERS=0 runs one after the other.
WORKERS ?= 2
# More arguments for the benchmarks, such as BENCH="decode --repetitions 3".
BENCH ?=

.PHONY: help setup node run test check format bench browser mariadb elasticsearch clean

help:
	@echo "make run     set up and start the server with a simulated cluster; page on http://127.0.0.1:12800/"
	@echo "             make run SCENARIO=many    another cluster;  make run SCENARIO=    none, for real agents"
	@echo "make test    set up and run all tests"
	@echo "make check   linting and strict typing"
	@echo "make format  lay the code out"
	@echo "make bench   benchmarks, as tables with machine, input and unit"
	@echo "make clean   remove the environment, all caches and generated code"

$(STAMP): pyproject.toml setup.py $(PROTOS)
	@echo "== installing into $(VENV); the first time this takes a minute or two"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(STAMP) $(CONSOLE)

# The console: TypeScript in console/, bundled into the Python package.
node:
	@command -v node >/dev/null && command -v npm >/dev/null || { \
	  echo "== installing Debian's nodejs and npm, which build the console"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends nodejs npm >/dev/null; }

$(NODE_MODULES): console/package.json console/package-lock.json | node
	@echo "== installing what builds the console into console/node_modules"
	@npm --prefix console ci --cache $(CURDIR)/.cache/npm --loglevel error >/dev/null
	@touch $@

$(CONSOLE): $(NODE_MODULES) $(CONSOLE_SOURCES)
	@echo "== building the console into oap/query/page"
	@npm --prefix console run --silent build
	@touch $@

run: $(STAMP) $(CONSOLE)
	@echo "== starting the server; page on http://127.0.0.1:12800/, Ctrl-C stops it"
	@# In a process group of its own, so that Ctrl-C reaches the server alone and its exit code is that of make.
	@bash -mc '$(BIN)/oap server $(if $(SCENARIO),--simulate $(SCENARIO)); exit $$?'

test: $(STAMP) $(CONSOLE) browser mariadb elasticsearch
	@echo "== running all tests, $(WORKERS) files at a time"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: $(STAMP) $(NODE_MODULES)
	@echo "== linting and typing"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@npm --prefix console run --silent check

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)
	@$(BIN)/python -m bench $(BENCH)

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { \
	  echo "== installing Debian's chromium and chromium-driver for the tests of the page"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null; }

# The server's program alone: Debian starts no service with it. The tests start it on folders and ports of their own.
mariadb:
	@PATH="$$PATH:/usr/sbin" && command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null || { \
	  echo "== installing Debian's mariadb-server-core for the tests of the MySQL storage"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends mariadb-server-core >/dev/null; }

# The servers' libraries, kept in .cache/elasticsearch; the tests start nodes of them on folders and ports of their own.
elasticsearch: $(STAMP)
	@command -v javac >/dev/null && command -v mvn >/dev/null || { \
	  echo "== installing Debian's openjdk-17-jdk-headless and maven for the tests of the Elasticsearch storage"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends openjdk-17-jdk-headless maven >/dev/null; }
	@$(BIN)/python -m tests.servers.elasticsearch

clean:
	@rm -rf $(VENV) .cache console/node_modules oap/query/page build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find oap/protocol -mindepth 1 -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
