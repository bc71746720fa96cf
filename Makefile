# Two commands for people: `make demo` and `make test`. Both set up .venv by themselves and are quick when repeated.
VENV := .venv
PEERS := .venv-peers
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
UV := 0.13.9

# Tests run two at a time and solve small systems: more threads below them only get in each other's way.
export OPENBLAS_NUM_THREADS := 1

.PHONY: install demo test lint types imports current unit bench soak peers docs lock clean
.DEFAULT_GOAL := help

help:            ## what can be made
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' Makefile

install: $(STAMP) ## prepare .venv alone

$(STAMP): requirements.lock pyproject.toml
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV)
	$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	$(VENV)/bin/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP)   ## two minutes: a small campaign planned, flown, exploited, accounted for, scored
	$(VENV)/bin/atalaya demo --output demo-output $(wildcard ../shared/data/klv/osh/sample-stream.ts)

test: lint types imports current unit ## everything that must pass

lint: $(STAMP)   ## ruff
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --check --quiet .

types: $(STAMP)  ## mypy --strict
	$(VENV)/bin/mypy --strict

imports: $(STAMP) ## the floors of DESIGN: stairs go one way
	$(VENV)/bin/lint-imports --no-cache --cache-dir .mypy_cache/imports >/dev/null || $(VENV)/bin/lint-imports

current: $(STAMP) ## lock and command reference match the code
	$(PY) tools/check_lock.py
	$(PY) tools/write_reference.py --check

# a worker that dies is a failure at once: replaced, its file is waited for without end
unit: $(STAMP)
	$(VENV)/bin/pytest -q -n 2 --dist loadfile --max-worker-restart 0

bench: $(STAMP)  ## measures against their goals, ours and the peer's in one run
	$(PY) -m bench all

soak: $(STAMP)   ## counts too long for `make test` (fuzzed packets, attacks, kills)
	$(PY) -m bench soak

peers: $(PEERS)/.installed ## programs the bench compares with, in an environment of their own (.venv-peers)

$(PEERS)/.installed: $(STAMP) $(wildcard bench/peers/requirements*.txt)
	python3 -m venv $(PEERS)
	for list in bench/peers/requirements*.txt; do \
		$(VENV)/bin/uv pip install --quiet --python $(PEERS)/bin/python --require-hashes -r $$list || exit 1; \
	done
	@touch $@

docs: $(STAMP)   ## build the manual into site/
	$(PY) tools/write_reference.py
	$(VENV)/bin/mkdocs build --quiet --strict

lock: $(STAMP)   ## resolve requirements.lock anew
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:           ## remove what make made
	rm -rf $(VENV) $(PEERS) site build dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
