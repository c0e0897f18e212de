# A newcomer needs `make run` and `make test` only. Both create .venv/ first.
ifeq ($(OS),Windows_NT)
$(error Linux or macOS is needed. On Windows run this in WSL 2 (wsl --install), or in Docker)
endif
PYTHON ?= python3
BIN := .venv/bin
QUICK := not long and not browser
# These tests wait for a fifth of their time, so three workers suit two processors.
WORKERS ?= 3
# Size of the campaigns: `make campaigns SIZE=full` runs the full number of kills, stops and updates.
SIZE ?= small

# Tests start many Python processes, which otherwise compile this program each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test quick campaigns check lint types clean

run: .venv/.runtime
	$(BIN)/python -m bot

# mypy needs one processor, so it runs beside the tests.
test: .venv/.dev lint
	$(MAKE) --no-print-directory -j 2 types quick

quick: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "$(QUICK)"

# Tests that take minutes (kills, outages, a faulty Bot API, long state machines) or a browser, and the property tests
# with fresh seeds and more examples. A failing example is printed with the line that reproduces it.
campaigns: export CAMPAIGN_SIZE = $(SIZE)
campaigns: .venv/.dev
	$(BIN)/python -m pytest -n auto --dist loadfile --timeout 900 --hypothesis-profile fresh \
		-m "not ($(QUICK)) or hypothesis"

check: test

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Name another one: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/.runtime: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
