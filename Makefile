# Two commands for people: `make demo` and `make test`. Both set up .venv by themselves and are quick when repeated.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
UV := 0.13.9

# Tests run two at a time and solve small systems: more threads below them only get in each other's way.
export OPENBLAS_NUM_THREADS := 1

.PHONY: install demo test lint types imports current unit bench soak docs lock clean
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

demo: $(STAMP)   ## two minutes: write a stream, read it back, draw a map
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

unit: $(STAMP)
	$(VENV)/bin/pytest -q -n 2 --dist loadfile

bench: $(STAMP)  ## measures against their goals, ours and the peer's in one run
	$(PY) -m bench all

soak: $(STAMP)   ## counts too long for `make test` (ten million fuzzed packets)
	$(PY) -m bench soak

docs: $(STAMP)   ## build the manual into site/
	$(PY) tools/write_reference.py
	$(VENV)/bin/mkdocs build --quiet --strict

lock: $(STAMP)   ## resolve requirements.lock anew
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:           ## remove what make made
	rm -rf $(VENV) site build dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
