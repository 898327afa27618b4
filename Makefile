# Ticketgate. `make help` lists what there is.
PYTHON ?= python3
BIN    := .venv/bin
DESK   := api/pages/desk/index.html
PIP    := $(BIN)/pip --disable-pip-version-check

CORPUS ?= ../shared/corpus

.PHONY: help install up test test-all check check-python check-dashboard types corpus fuzz lock docs screenshots
help:      ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

install: .venv/installed $(DESK) ## .venv with the locked dependencies and the ticketgate command, the dashboard built

up: install                ## everything on this machine; Ctrl-C ends it
	@exec $(BIN)/ticketgate up

test: check $(DESK)        ## the whole suite, on a PostgreSQL and a Valkey of its own
	$(BIN)/pytest -n auto --dist loadgroup

test-all: .venv/ready-to-test  ## what takes longer than make test: faults, other servers, fuzzing
	tests_long/install_servers
	$(BIN)/pytest -n 2 --dist loadgroup tests_long
	$(BIN)/python -m tests.fuzz --count 40000 --processes 2

check: .venv/ready-to-test dashboard/node_modules/.installed ## ruff, mypy, the direction of imports, migrations, the dashboard's types
	@$(MAKE) --no-print-directory --output-sync --jobs 2 check-python check-dashboard

check-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.migrations_complete

check-dashboard:
	$(BIN)/python -m tests.types_fresh
	dashboard/npm --prefix dashboard run --silent check

types: .venv/installed dashboard/node_modules/.installed ## the dashboard's types, out of the API's OpenAPI document
	$(BIN)/python -m api.document > dashboard/openapi.json
	dashboard/npm --prefix dashboard run --silent types -- openapi.json --output src/api/schema.ts

corpus: .venv/installed    ## what we make of real mails that others wrote the right reading of: CORPUS=folder JSON=file
	@$(BIN)/python -m benchmarks.corpus $(CORPUS) --verbose $(if $(JSON),--json $(JSON))

fuzz: .venv/ready-to-test  ## damages mails and reads them: COUNT=200000 CORPUS=folder
	$(BIN)/python -m tests.fuzz --count $(or $(COUNT),200000) --processes 2 --corpus $(CORPUS)

lock: .venv/ready-to-test  ## pins what pyproject.toml's ranges mean today
	$(call compile,locks/install.txt,--extra embedded)
	$(call compile,locks/test.txt,--extra embedded --group test -c locks/install.txt)
	$(call compile,locks/image.txt,-c locks/install.txt)
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--universal --python-version 3.11 --group node -o locks/node.txt

docs: .venv/installed      ## writes docs/settings.md from the settings
	$(BIN)/python -m settings.manual > docs/settings.md

screenshots: .venv/ready-to-test $(DESK) ## writes the README's pictures, of a desk that ticketgate demo filled; wants chromium
	$(BIN)/python -m tests.browser.screenshots

# The dashboard: built into the API's pages, by the machine's Node or, where it has none, by a wheel's.
$(DESK): dashboard/node_modules/.installed $(shell find dashboard -path dashboard/node_modules -prune -o -type f -print)
	@echo 'building the dashboard …'
	@dashboard/npm --prefix dashboard run --silent build

dashboard/node_modules/.installed: dashboard/package-lock.json dashboard/package.json .venv/bin/python
	@echo "installing the dashboard's tools …"
	@dashboard/npm --prefix dashboard ci --silent
	@touch $@

define compile
$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate pyproject.toml --group build $(2) -o $(1)
endef

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Ticketgate needs Python 3.11 or newer; name one with `make PYTHON=python3.12 …`.' >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml locks/install.txt
	$(PIP) install --quiet --require-hashes -r locks/install.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-to-test: .venv/installed locks/test.txt
	$(PIP) install --quiet --require-hashes -r locks/test.txt
	@touch $@
