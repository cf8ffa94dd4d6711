# `make demo` and `make test` are the two commands; both set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test lint fix docs bench rule lock clean

help:  ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13), "Bulkhead needs Python 3.11 to 3.13; say make PYTHON=python3.12"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	# uv takes seconds; where it cannot reach an index (own certificates, own mirror), pip knows how.
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: $(READY)  ## Build a sample organization on this machine, scan it, write out/report.html
	$(BIN)/bulkhead demo

test: lint  ## Lint, type check, and run every test
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(READY)  ## Ruff, mypy, import walls, rule examples, stale pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bulkhead rules test
	$(BIN)/bulkhead rules docs --check

fix: $(READY)  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## Write the generated pages, and the pictures of the sample report
	$(BIN)/bulkhead rules docs
	$(BIN)/bulkhead demo --out out/docs
	$(BIN)/python docs/pictures.py out/docs/report.html

bench: $(READY)  ## Measure collection against a replay endpoint, judging over synthetic organizations
	$(BIN)/python -m bench

rule: $(READY)  ## Start a rule: make rule ID=principle/problem SUBJECT=account
	$(BIN)/bulkhead rules new $(ID) --subject $(or $(SUBJECT),account)

lock: $(READY)  ## Pin every dependency with its hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 --extra dev -o requirements.lock pyproject.toml

clean:  ## Remove what was built
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache
