# The course's habits. A machine needs Python 3.11, 3.12 or 3.13, make and git; `make` alone says what there is.
# Another Python: PYTHON=python3.12 make music. Another piece: make music SEED=7.

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
SEED ?= 22
NOTEBOOKS ?= $(sort $(wildcard notebooks/*.ipynb notebooks/solutions/*.ipynb))
# Three for two cores, since each waits now and then; up to 2.5 GB of memory each (WORKERS=2 make test for fewer).
WORKERS ?= 3
# A test that takes its worker down would be given to the next worker, and so on: the first one ends the run.
SHARED := -n $(WORKERS) --dist loadscope --no-loadscope-reorder --max-worker-restart 0
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# Containers often forbid Python to keep what it has compiled; loading TensorFlow then takes 11 s of processor time instead of 4.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help music test test-package test-notebooks lab assignments doctor lint notebooks site bench lock clean distclean

help:  ## this list
	@echo "Generating music with deep learning. What can be made:"
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

music: $(READY)  ## set up, then compose a four-part chorale: score, sound and pictures go to out/
	@echo "Composing (it takes some seconds to load the network) ..." >&2
	@$(PY) -m lab_utils generate chorale --seed $(SEED) --out out

test: test-package test-notebooks  ## every test: the package, then each notebook against its stored outputs

test-package: $(READY)  ## the tests of the package alone
	$(PY) -m pytest $(SHARED) tests

test-notebooks: $(READY)  ## runs the notebooks and compares what comes out with what is stored
	$(PY) -m pytest $(SHARED) --nbval --nbval-cell-timeout 300 \
		--nbval-sanitize-with tests/notebooks/nbval_sanitize.cfg $(NOTEBOOKS)

lab: $(READY)  ## opens JupyterLab on the first notebook
	$(PY) -m jupyterlab notebooks/00_start_here.ipynb

assignments: $(READY)  ## writes what students get into notebooks/assignments/release, never over somebody's work
	@$(PY) -m lab_utils classroom release

doctor: $(READY)  ## says what this machine has, what it lacks, and what to do about it
	@$(PY) -m lab_utils doctor

lint: $(READY)  ## style and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

notebooks: $(READY)  ## runs notebooks and stores their outputs (NOTEBOOKS=notebooks/05*.ipynb for some)
	$(PY) tests/notebooks/store.py $(NOTEBOOKS)

site: $(READY)  ## the course as pages, from the stored outputs: build/site/index.html
	$(PY) notebooks/site/build.py

bench: $(READY)  ## speeds, measured on this machine
	@set -e; for bench in tests/benchmarks/bench_*.py; do echo "== $$bench"; $(PY) $$bench; done

lock: $(READY)  ## writes requirements.lock from pyproject.toml, one version for every Python (UPGRADE=--upgrade for newer)
	$(VENV)/bin/uv pip compile pyproject.toml --universal --extra dev --python-version 3.11 --fork-strategy fewest \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet $(UPGRADE) --output-file requirements.lock

clean:  ## removes what is made again: out/, caches; keeps .venv and the trained models in runs/
	rm -rf out build .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean  ## also removes .venv
	rm -rf $(VENV) lab_utils.egg-info

# The environment. The stamp comes last, so that a set-up cut short goes on at the next make. uv is fetched with pip at the version
# that the lock names; --python keeps it from another environment that may be active. The lock holds setuptools, so that the
# package itself needs no second environment to be built in.
$(READY): requirements.lock pyproject.toml
	@found=; if ! $(PY) -c '$(FITS)' 2>/dev/null; then \
		for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
			if $$python -c '$(FITS)' 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "make: Python 3.11, 3.12 or 3.13 is needed; $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)." >&2; \
			echo "make: install one of them, or name it: PYTHON=/path/to/python3.12 make music" >&2; exit 1; \
		fi; \
		if ! $$found -m venv --clear $(VENV); then \
			rm -rf $(VENV); \
			echo "make: $$found cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv." >&2; exit 1; \
		fi; \
	fi
	@echo "Setting up $(VENV) from requirements.lock (the first time on a machine about 1 GB is fetched) ..." >&2
	@$(PY) -m pip --disable-pip-version-check install --quiet "$$(grep '^uv==' requirements.lock)"
	@quiet=; [ -t 2 ] || quiet=--quiet; \
		$(VENV)/bin/uv pip sync $$quiet --python $(PY) requirements.lock && \
		$(VENV)/bin/uv pip install $$quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@
