# papernet: `make up` starts an exchange, `make test` tests it. Each target does its own set-up on a fresh machine that has
# make and Python 3.11 or newer; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help up test check format bench simulate docs clean

# The first interpreter that is new enough; PYTHON=... overrules.
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "make up ARGS='--port 9000 --ephemeral' hands options on; so does make test ARGS='-k orders'."

up: $(VENV)/installed ## start an exchange on http://127.0.0.1:8080
	@$(BIN)/papernet up $(ARGS)

test: $(VENV)/tested ## run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: $(VENV)/linted ## run the linters and the type checker
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/linted ## put the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/installed ## measure, and print a table
	$(BIN)/python -m bench $(ARGS)

simulate: $(VENV)/tested ## run the longer simulations
	$(BIN)/python -m tools.simulate $(ARGS)

docs: $(VENV)/tested ## write the generated pages under docs/
	$(BIN)/python -m tools.docs $(ARGS)

clean: ## remove everything that make made
	rm -rf $(VENV) .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp a set of packages; each is made anew when the list of packages changes.
$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "make: papernet needs Python 3.11 or newer; say where with PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/tested: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/installed

$(VENV)/linted: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@ $(VENV)/tested $(VENV)/installed
