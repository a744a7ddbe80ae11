# Two commands on a fresh machine: `make run` and `make test`.
PORT ?= 8501
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup test test-slow coverage check bench train clean

run: setup  ## worker and app on http://localhost:$(PORT), with the embedded models
	$(BIN)/sidegrade up --port $(PORT)

setup: $(VENV)/.ready  ## environment and pinned dependencies, nothing else

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# torch first and alone: a later resolver must find it in place, or it pulls gigabytes of CUDA
	$(BIN)/pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev,classic-slider]'
	touch $@

# files of tests side by side; a worker keeps to one thread, for the cores are shared
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

test: setup  ## under ten minutes on two cores
	$(PYTEST) -m "not slow"

test-slow: setup  ## all the rest
	$(PYTEST) -m slow

# traced, so it is slow: rules, services, database and worker under the tests of their own rooms
TRACED := core services db worker

coverage: setup  ## which lines of the rules no fast test reaches
	$(PYTEST) -m "not slow" $(TRACED:%=tests/%) $(TRACED:%=--cov=%) --cov-report=term:skip-covered

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/promises

bench: setup
	$(BIN)/python -m bench

train: setup  ## the embedded models from nothing
	$(BIN)/python -m training
