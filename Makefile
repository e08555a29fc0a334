# Everything from plain python3 + pip. No target needs anything installed by hand.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := PYTHONPATH=.tools $(PYTHON) -m uv --quiet
RUN_STAMP := $(VENV)/.run
TEST_STAMP := $(VENV)/.test
NPM := tests/npm
NPM_STAMP := $(NPM)/node_modules/.package-lock.json
export VARDE_HOME ?= var

.PHONY: help demo test check bench fuzz endure lock translations clean
help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.tools/uv: requirements-uv.lock
	@echo "Installing uv into .tools"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade --target .tools -r requirements-uv.lock
	@touch $@

$(VENV)/pyvenv.cfg: | .tools/uv
	@$(UV) venv --python $(PYTHON) $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml | .tools/uv $(VENV)/pyvenv.cfg
	@echo "Installing what running needs into $(VENV)"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements.lock
	@# Offline: what builds the package is part of uv, nothing is resolved.
	@$(UV) pip install --offline --python $(BIN)/python --no-deps -e .
	@touch $@

# Tests add their own groups; Spark only where there is a Java to run it.
$(TEST_STAMP): requirements-test.lock requirements-spark.lock $(RUN_STAMP)
	@echo "Installing what testing needs into $(VENV)"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements-test.lock
	@if command -v java >/dev/null 2>&1; then $(UV) pip install --python $(BIN)/python --require-hashes -r requirements-spark.lock; fi
	@# Hundreds of tests start a program of their own: compiled once, not at every start.
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

# FHIR software of others, run by the Node of the tests' packages. Out of npm's reach its tests are skipped, but
# never where CI is set.
$(NPM_STAMP): $(NPM)/package.json $(NPM)/package-lock.json $(TEST_STAMP)
	@echo "Installing what testing needs into $(NPM)"
	@$(BIN)/npm ci --prefix $(NPM) --loglevel=error --no-progress >/dev/null && touch $@ || test -z "$$CI"

demo: $(RUN_STAMP) ## make a small invented Norway, take it in, and serve it at 127.0.0.1:8000 (PORT=8100: there)
	@$(BIN)/varde demo --port $(PORT)

test: $(TEST_STAMP) $(NPM_STAMP) check ## every test
	@$(BIN)/python -m compileall -q src tests
	@# Wherever compiled files are not written, the assertions of 70,000 lines would be rewritten at every run.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

check: $(TEST_STAMP) ## format, lint, types and the contracts between the rooms
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >.lint-imports.log || { cat .lint-imports.log; exit 1; }

bench: $(TEST_STAMP) ## the measured claims, as ratios in one run
	@$(BIN)/python -m benchmarks

fuzz: $(TEST_STAMP) ## 100,000 damaged inputs a format
	@VARDE_FUZZ=100000 $(BIN)/python -m pytest tests/messages tests/web/intake/test_fhir_intake.py -k fuzz

endure: $(TEST_STAMP) ## 200 power cuts and 200 kills during intake, and 40 orders each on PostgreSQL, for a nightly schedule
	@VARDE_POWER_CUTS=200 VARDE_KILLS_UNDER_LOAD=200 VARDE_KILLS_OF_DOORS=40 $(BIN)/python -m pytest tests/register/test_power_cuts.py tests/register/test_crash.py tests/web/intake/test_all_doors.py
	@VARDE_EXAMPLES=40 $(BIN)/python -m pytest tests/postgres/test_suites_on_postgres.py

lock: .tools/uv ## resolve the exact versions anew
	@$(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	@$(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group check --group test --group browser -c requirements.lock -o requirements-test.lock
	@$(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --extra spark -c requirements.lock -o requirements-spark.lock

translations: $(TEST_STAMP) ## compile what the translators wrote
	@$(BIN)/python -c "import polib, pathlib; [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix('.mo'))) for p in pathlib.Path('src').rglob('*.po')]"

clean: ## remove what the targets installed (never the register)
	@rm -rf $(VENV) .tools build dist $(NPM)/node_modules
