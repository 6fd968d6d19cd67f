# The two commands of the README, "make grade" and "make test", and what they stand on.
# Everything is installed into .venv from requirements.txt; .stamps says what is up to date.

# The newest that starts: version managers put names on the PATH that do not.
PYTHON ?= $(shell for each in python3.14 python3.13 python3.12 python3.11 python3; do \
  $$each -c '' 2>/dev/null && break; done; echo $$each)
# Where it lies outside every virtual environment: .venv is about to be made again, and may be the one that is active.
BASE = $(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11); print(sys._base_executable)' 2>/dev/null
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar off
# The public index, whatever pip is told here: what is locked holds everywhere.
UV := env -u PIP_FIND_LINKS -u UV_FIND_LINKS .venv/bin/uv --no-config
SOURCES := $(wildcard source/*.ipynb source/*/*.ipynb)

# nbgrader calls its helpers (alembic) by name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# One thread per process: graders run side by side.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help setup release exam catalogue pages grade test test-long matrix mutants kill bench dist lock audit lint normalise samples clean FORCE

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .stamps/setup ## create .venv and install what requirements.txt pins; TORCH=no: all but torch

# Also where .venv is gone, or of another Python than the one that is asked for.
.stamps/setup: requirements.txt requirements-torch.txt pyproject.toml $(shell \
  .venv/bin/python -V >/dev/null 2>&1 $(if $(filter-out file,$(origin PYTHON)),\
  && [ "$$(.venv/bin/python -V)" = "$$($(PYTHON) -V 2>&1)" ]) || echo FORCE)
	@base=$$($(BASE)) || { echo "This course needs Python 3.11 or newer, found $$($(PYTHON) --version 2>&1 | head -n 1)." \
	  "Install it, or: make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	echo "Setting up .venv (a few minutes the first time) ..."; \
	[ -e $@ ] && [ "$$(.venv/bin/python -V 2>&1)" = "$$($$base -V)" ] || rm -rf .venv; \
	mkdir -p .stamps; rm -f $@; \
	$$base -m venv .venv >.stamps/setup.log 2>&1 || { echo "$$base cannot make a virtual environment. Install its venv" \
	  "module (Debian, Ubuntu: apt install python3-venv) and run make again." >&2; exit 1; }
	@$(PIP) --only-binary :all: --require-hashes -r requirements.txt >.stamps/setup.log 2>&1 && \
	  $(if $(filter no,$(TORCH)),,$(PIP) --only-binary :all: -r requirements-torch.txt >.stamps/setup.log 2>&1 &&) \
	  $(PIP) --no-deps --no-build-isolation --editable . >.stamps/setup.log 2>&1 || { $(WHY_NOT); } >&2
	@touch $@

# pip's last words, of which there are many, as one line.
define WHY_NOT
why=$$(grep -o '[^ /]*\.whl is not a supported wheel' .stamps/setup.log | head -n 1); \
if [ "$$why" ]; then \
  echo "$$why on this system and Python. Write its name and version instead, and run make again."; \
elif grep -q 'DO NOT MATCH THE HASHES' .stamps/setup.log; then \
  echo "$$(grep -om 1 '[^ ]* from .*' .stamps/setup.log) is not the file that requirements.txt knows by its hash. Nothing of it" \
    "was installed: find out who changed it (a proxy, an index of your own), and run make again."; \
elif grep -qE 'must have their versions pinned|Hashes are required' .stamps/setup.log; then \
  echo "requirements.txt has a line without a hash. Write it into requirements.in instead, and run make lock."; \
elif grep -qE 'Failed to establish|NameResolution|ConnectionError|TimeoutError|ProxyError|timed out' .stamps/setup.log; then \
  echo "The package index cannot be reached. Connect to the network and run make again."; \
elif why=$$(grep -om 1 'No matching distribution found for .*' .stamps/setup.log); then \
  echo "$$why that is ready made for $$(.venv/bin/python -V) here. Change requirements.in (make lock) or PYTHON= and run make again."; \
else \
  echo "The set-up failed: $$(grep -v '^WARNING' .stamps/setup.log | tail -n 1) Mend that and run make again (all of it:" \
    ".stamps/setup.log)."; \
fi; exit 1
endef

release: .stamps/release ## build release/ from source/

# The gradebook keeps the hidden tests, so a missing one means building again.
.stamps/release: .stamps/setup $(SOURCES) nbgrader_config.py $(wildcard gradebox/course/*.py) $(if $(wildcard gradebook.db),,FORCE)
	@gradebox release
	@touch $@

exam: .stamps/release ## build exam/ from source/practice/: no hints; make exam START=09:00 prints the time
	@gradebox release practice --exam $(if $(START),--start=$(START))

catalogue: .stamps/release ## write docs/catalogue.md: every mistake that the course knows, to be read
	@{ echo "# What students get wrong"; echo; echo "Written by \`make catalogue\` from mistakes/. Holds right solutions: not for students."; \
	  echo; gradebox mistakes --catalogue --CourseDirectory.autograded_directory=.nobody; } >docs/catalogue.md

pages: .stamps/release ## render the notebooks, unsolved but with their pictures, and docs/ as a static site in site/
	@python docs/pages/build.py

grade: .stamps/release ## grade everything in submitted/, write feedback/ and a page for each class, print the marks
	@gradebox autograde
	@gradebox feedback
	@gradebox marks
	@gradebox report

test: .stamps/release ## run the tests
	@python -m pytest -n 3 --dist worksteal -m "not long" tests

test-long: .stamps/release ## run the tests that take longest, too
	@python -m pytest -n 3 --dist worksteal tests

matrix: .stamps/setup ## run the notebooks on other Pythons, numpys and matplotlibs; make matrix ROWS=3.12
	@TORCH='$(TORCH)' python tests/matrix.py $(ROWS)

mutants: .stamps/release ## change the solutions in every small way and print what keeps full marks
	@PYTHONPATH=. python tests/mutants.py

kill: .stamps/release ## kill the grader twenty times while it grades a class
	@GRADEBOX_KILLS=20 python -m pytest tests/slow/test_killed.py

bench: .stamps/release ## compare with stock nbgrader: speed, memory, who stops which attack
	@python benchmarks/bench.py

dist: .stamps/setup ## wheel and sdist of the engine, in dist/: of one commit always the same bytes
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) python -m build --no-isolation --outdir dist .

lock: .stamps/setup ## write requirements.txt, with hashes, from requirements.in; LOCK=--upgrade: newest of what no line pins
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes $(LOCK) \
	  --custom-compile-command "make lock" --output-file requirements.txt requirements.in

audit: .stamps/setup ## look up known holes in what requirements.txt pins (asks pypi.org)
	@$(UV) tool run pip-audit --requirement requirements.txt --disable-pip --strict --progress-spinner off

lint: .stamps/setup ## check style
	@ruff check . && ruff format --check .

normalise: .stamps/setup ## strip outputs and editor noise from source notebooks
	@nbstripout --keep-id $(SOURCES)

samples: .stamps/release ## rebuild the sample class in submitted/ from release/
	@python tests/sample_class.py

clean: ## remove everything that was built: set-up, grades, feedback
	rm -rf .venv .stamps .matrix gradebook.db exam site dist autograded/*/ feedback/*/ feedback/*.html feedback/*.json \
	  feedback/*.csv *.egg-info
