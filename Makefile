# Two commands: `make demo` runs the main job on an invented company, `make test` runs the tests.
# Each sets up what it needs in .venv, from the pinned and hashed lock, and is quick the second time.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test test-distributed lint format bench lock clean

demo: $(VENV)/product
	$(BIN)/incident demo --out demo

test: $(VENV)/development lint
	$(BIN)/python -m pytest -n 2

# The same accounts on a distributed engine (docs/distributed.md). Installs Spark, 500 MB; needs Java 17 and five minutes.
test-distributed: $(VENV)/distributed
	$(BIN)/python -m pytest tests/incident/scope/test_spark.py tests/incident/scope/test_spark_words.py

lint: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/development
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m benchmarks

# The lock names exact versions and hashes and no address, so that any mirror of the package index serves it.
lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-options \
	  --no-header --no-annotate --build-deps-for editable --extra postgres --extra mysql --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-options \
	  --no-header --no-annotate --build-deps-for editable --extra postgres --extra mysql --extra dev --output-file requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-options \
	  --no-header --no-annotate --constraint requirements-dev.txt --output-file requirements-spark.txt requirements-spark.in

clean:
	rm -rf $(VENV) demo build dist

$(VENV)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/product: $(VENV)/python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/development: $(VENV)/python requirements-dev.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/product

$(VENV)/distributed: $(VENV)/development requirements-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	touch $@
