# Everything there is to do in this repository. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
.DEFAULT_GOAL := help

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.run ## Make .venv with the command kronika

run: install ## Start Kronika on its own PostgreSQL, with a demo company
	@$(BIN)/kronika serve --demo

test: $(VENV)/.dev ## Run the tests, on a real PostgreSQL
	$(BIN)/pytest -q -n auto

check: $(VENV)/.dev ## Format, lint, types, import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Measure against the bare database (needs wrk)
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(VENV)/.dev ## Write docs/schema.sql anew, after a migration
	$(BIN)/python tests/support/schema.py

lock: ## Pin the newest dependencies that fit, with hashes (needs uv)
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml --group build -o requirements/run.txt
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt

browser: ## Get a browser for the tests of the web application, where apt can (they skip without one)
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } || \
		echo "Install Chromium by hand, or name one in KRONIKA_TEST_CHROMIUM."

clean: ## Remove what the other commands made here; the data folder stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Stamps, so that what was cut off in the middle is done again.
$(VENV)/.made:
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.made
	$(PIP) install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(PIP) install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: help install run test check bench format schema lock browser clean
