# The two commands of the README, "make grade" and "make test", and what they stand on.
# Everything is installed into .venv from requirements.txt; .stamps says what is up to date.

PYTHON ?= $(firstword $(shell command -v python3.11) $(shell command -v python3) python3.11)
SOURCES := $(wildcard source/*.ipynb source/*/*.ipynb)

# nbgrader calls its helpers (alembic) by name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# One thread per process: graders run side by side.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help setup release exam grade test test-long mutants kill bench lint normalise samples clean FORCE

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .stamps/setup ## create .venv and install what requirements.txt pins

.stamps/setup: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { echo \
	  "This course needs Python 3.11, found $$($(PYTHON) --version 2>&1). Install it, or: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up .venv (a few minutes the first time) ..."
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar off -r requirements.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p .stamps && touch $@

release: .stamps/release ## build release/ from source/

# The gradebook keeps the hidden tests, so a missing one means building again.
.stamps/release: .stamps/setup $(SOURCES) nbgrader_config.py $(wildcard gradebox/course/*.py) $(if $(wildcard gradebook.db),,FORCE)
	@gradebox release
	@touch $@

exam: .stamps/release ## build exam/ from source/practice/: no hints; make exam START=09:00 prints the time
	@gradebox release practice --exam $(if $(START),--start=$(START))

grade: .stamps/release ## grade everything in submitted/, write feedback/, print the marks
	@gradebox autograde
	@gradebox feedback
	@gradebox marks

test: .stamps/release ## run the tests
	@python -m pytest -n 3 --dist worksteal -m "not long" tests

test-long: .stamps/release ## run the tests that take longest, too
	@python -m pytest -n 3 --dist worksteal tests

mutants: .stamps/release ## change the solutions in every small way and print what keeps full marks
	@python tests/mutants.py

kill: .stamps/release ## kill the grader twenty times while it grades a class
	@GRADEBOX_KILLS=20 python -m pytest tests/slow/test_killed.py

bench: .stamps/release ## compare with stock nbgrader: speed, memory, who stops which attack
	@python benchmarks/bench.py

lint: .stamps/setup ## check style
	@ruff check . && ruff format --check .

normalise: .stamps/setup ## strip outputs and editor noise from source notebooks
	@nbstripout --keep-id $(SOURCES)

samples: .stamps/release ## rebuild the sample class in submitted/ from release/
	@python tests/sample_class.py

clean: ## remove everything that was built: set-up, grades, feedback
	rm -rf .venv .stamps gradebook.db exam autograded/*/ feedback/*/ *.egg-info
