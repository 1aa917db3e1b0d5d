# Everything a person or CI does with this project. `make help` lists it.

PYTHON ?= python3
PORT ?= 8000
DATA ?= var/demo
BIN := .venv/bin
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
UV := UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never $(BIN)/uv
export OPENBLAS_NUM_THREADS = 1
unexport PYTHONDONTWRITEBYTECODE  # where it is set, each of the many processes would compile every library anew

.DEFAULT_GOAL := help
.PHONY: help setup serve test check types looks bench translations lock clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The interpreter's own venv and pip may be incomplete (Debian), so pip from outside brings uv into the venv, and uv
# installs what requirements.txt locks by hash.
$(BIN)/uv: requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --require-hashes -r requirements-uv.txt
	@touch $@

.venv/.installed: $(BIN)/uv requirements.txt pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

setup: .venv/.installed  ## Set up only, into .venv

serve: setup  ## Set up and run the demo on http://127.0.0.1:8000 (PORT=…, DATA=…)
	$(BIN)/ssa demo --data $(DATA) --port $(PORT)

test: .venv/.installed-dev  ## Set up and run the tests, on SQLite and PostgreSQL and in a browser
	sh tests/programs.sh
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q

check: .venv/.installed-dev  ## What CI runs: lint, types, contracts, tests, docs fresh, the wheel serves a page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) -j 2 types looks
	$(MAKE) test
	sh tests/wheel.sh

types: .venv/.installed-dev  ## Types alone
	$(BIN)/mypy

looks: .venv/.installed-dev  ## What else is looked at without running the tests
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture
	$(BIN)/ssa content check
	$(BIN)/python -m docs.build --check

bench: .venv/.installed-dev  ## Measure the answering path and scoring beside their floors
	$(BIN)/python -m benchmarks

CATALOGUES := ssa_engine/web/translations
STRINGS := -k say -k say_count:1,2 -k Column:3 --ignore-dirs '.*' --add-location=file --sort-by-file --no-wrap

translations: .venv/.installed-dev  ## Bring the catalogues of strings up to date and compile them
	mkdir -p build
	$(BIN)/pybabel --quiet extract -F pyproject.toml $(STRINGS) -o build/messages.pot .
	$(BIN)/pybabel --quiet update -d $(CATALOGUES) -i build/messages.pot --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile -d $(CATALOGUES)

lock: $(BIN)/uv  ## Lock the newest releases that pyproject.toml allows
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group build pyproject.toml -o requirements.txt
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo uv | $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header - -o requirements-uv.txt

clean:  ## Remove the virtual environment and everything that was built
	rm -rf .venv build dist var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
