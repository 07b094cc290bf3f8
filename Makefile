# The commands of README. Set-up happens by itself: every target first brings .venv up to date.
PYTHON ?= python3
BIN := .venv/bin
RUN_READY := .venv/.ready-run
TEST_READY := .venv/.ready-test
ADDRESS ?= 127.0.0.1
PORT ?= 8000
PYTEST_ARGS ?=
REQUESTS ?= 1000000
HOURS ?= 24
# Dozens of processes import the same modules: compiled once, not by each of them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test scale check format bench faults rubbish soak simulate lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# Debian ships Python without ensurepip: fall back to the system's pip working on the bare folder.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Minyi needs Python 3.11 or newer (PYTHON=… make …)"; exit 1; }
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv && $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install -q pip; }

$(RUN_READY): $(BIN)/python .ci/requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Two modules in three of what tests need are never imported: those that are get compiled then.
$(TEST_READY): $(BIN)/python .ci/requirements/test.txt pyproject.toml
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check --require-hashes -r .ci/requirements/test.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_READY)

run: $(RUN_READY) ## Set up and serve an empty installation
	$(BIN)/python -m app serve --host $(ADDRESS) --port $(PORT)

demo: $(RUN_READY) ## Set up, load Shenzhen 2010, run a synthetic campaign, serve it
	$(BIN)/python -m app demo --host $(ADDRESS) --port $(PORT)

test: $(TEST_READY) ## Run all tests, on SQLite and PostgreSQL
	$(BIN)/python -m pytest $(PYTEST_ARGS)

scale: $(TEST_READY) ## Run the races on several servers behind nginx and through PgBouncer too
	MINYI_TEST_PLACES=all $(BIN)/python -m pytest tests/concurrency $(PYTEST_ARGS)

check: $(TEST_READY) ## Format, lint, types, architecture, definitions, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m app definitions check survey_definitions/*/

bench: $(TEST_READY) ## Measure: ratios to a floor and to peers in the same run
	$(BIN)/python -m benchmarks.estimation
	$(BIN)/python -m benchmarks.published
	$(BIN)/python -m benchmarks.release
	$(BIN)/python -m benchmarks.intake --markdown --rounds 3 --seconds 3
	$(BIN)/python -m benchmarks.parts --markdown --requests 1500
	$(BIN)/python -m benchmarks.pages --markdown --rounds 3 --requests 1000 --polls 20000
	$(BIN)/python -m benchmarks.growth --markdown --rounds 3 --requests 1500
	$(BIN)/python -m benchmarks.overload
	$(BIN)/python -m benchmarks.overload --postgresql

faults: $(TEST_READY) ## Break servers, databases and disks under load; compare every answer
	MINYI_TEST_FAULTS=$${MINYI_TEST_FAULTS:-long} $(BIN)/python -m pytest tests/faults -p no:randomly -rs $(PYTEST_ARGS)

rubbish: $(TEST_READY) ## Send mutated requests and made-up sequences by the million (REQUESTS=1000000)
	MINYI_TEST_HOSTILE=$(REQUESTS) $(BIN)/python -m pytest tests/hostile/test_mutations.py tests/hostile/test_described_api.py -n 2 --dist worksteal -rP

soak: $(TEST_READY) ## Run a server under mixed load for HOURS=24 (or MINUTES=20) and judge it
	$(BIN)/python -m benchmarks.soak $(if $(MINUTES),--minutes $(MINUTES),--hours $(HOURS)) $(SOAK_ARGS)

simulate: $(TEST_READY) ## Draw repeated samples from a synthetic city; renew docs/simulation
	$(BIN)/python -m benchmarks.simulation

format: $(TEST_READY) ## Put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Pin the dependencies anew, with hashes and without hosts (needs uv)
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra all --extra build pyproject.toml -o .ci/requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra all --extra build --extra test --extra dev -c .ci/requirements/run.txt pyproject.toml -o .ci/requirements/test.txt

clean: ## Remove the set-up and everything made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache var
