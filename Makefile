# `make demo` and `make test` are all a new machine needs: git, make and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.installed

# Language models take every core: beside other tests, both would wait too long. The other tests
# run two at a time, and small models that each took every core would wait for each other.
ENGINES := tests/unit/ingest/distill tests/unit/evaluation/test_student.py \
    tests/unit/evaluation/test_bench_models_vllm.py

.DEFAULT_GOAL := help
.PHONY: help install demo neo4j test bench lock clean

help: ## Say what can be made
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

install: $(DONE) ## Set up .venv with miko in it

demo: $(DONE) ## Load and embed the sample, ask it one question, serve the API on loopback
	$(BIN)/miko demo

neo4j: $(DONE) ## Start a Neo4j server on loopback, without Docker; its data is in neo4j-data
	$(BIN)/miko neo4j

test: $(DONE) ## Run every check: format, lint, types, layers, dependencies, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/deptry .
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --durations 20 $(ENGINES:%=--ignore %)
	$(BIN)/python -m pytest --durations 20 $(ENGINES)

bench: $(DONE) ## Measure speed and memory at the paper's scale; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: $(VENV)/bin/uv ## Resolve the dependencies anew
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate \
	    --python-version 3.11 --no-emit-index-url --group dev pyproject.toml -o requirements.lock

clean: ## Remove the environment and the demonstration's graph
	rm -rf $(VENV) demo

# uv installs the locked set in seconds; compiled modules start twice as fast.
$(DONE): requirements.lock pyproject.toml $(VENV)/bin/uv
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	touch $@

$(VENV)/bin/uv: requirements-uv.lock
	python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock
