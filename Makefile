# `make run` and `make test` are all that a fresh clone needs: Python 3.11 or newer, make and git.

VENV ?= .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,\
	$(shell $(p) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(p))) python3.11)
PIP := -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
TOGETHER := -n 2 --dist loadscope --no-loadscope-reorder
REPORT = $(if $(REPORTS),--junitxml=$(REPORTS)/$@.xml)

.DELETE_ON_ERROR:
.PHONY: run test test-together test-apart lint types docs docs-examples fuzz lock wheel clean

run: $(VENV)/run.stamp config/.secrets.toml
	$(BIN)/fractal-settings check --env dev
	$(BIN)/fractal-settings show --env dev --origin

test: test-together test-apart

test-together: $(VENV)/test.stamp
	$(PYTEST) $(TOGETHER) -m 'not real and not benchmark' $(REPORT)

# Those that talk to a server or measure: nothing else may run meanwhile.
test-apart: $(VENV)/test.stamp | test-together
	$(PYTEST) -m 'real or benchmark' $(REPORT)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/test.stamp
	$(BIN)/mypy

docs: .tools/docs/docs.stamp
	.tools/docs/bin/sphinx-build --jobs auto -W --keep-going -n -q docs docs/_build/html

# Runs every command printed in README.md and docs/, and writes what it said below it.
docs-examples: $(VENV)/test.stamp
	$(BIN)/python docs/examples.py --write

wheel: $(VENV)/test.stamp
	$(BIN)/python -m build --no-isolation --quiet --outdir dist

# Coverage-guided fuzzing, which goes on from the inputs that earlier runs found worth keeping.
FUZZ_SECONDS ?= 60
fuzz: .tools/fuzz/fuzz.stamp
	mkdir -p .tools/fuzz/inputs
	.tools/fuzz/bin/python -m tests.fuzz.coverage_guided -max_total_time=$(FUZZ_SECONDS) \
		-verbosity=0 -artifact_prefix=.tools/fuzz/ .tools/fuzz/inputs

# Resolves again what `make` and CI install, for every Python from 3.11 on.
COMPILE = .tools/lock/bin/uv --quiet pip compile --universal --python-version 3.11 \
	--no-header --no-emit-index-url --upgrade
OURS = $(COMPILE) pyproject.toml --group build
lock: .tools/lock/bin/uv
	$(OURS) --all-extras --group test -o requirements/test.txt
	$(OURS) -c requirements/test.txt -o requirements/run.txt
	$(OURS) -c requirements/test.txt --group docs -o requirements/docs.txt
	$(OURS) -c requirements/test.txt --group servers -o requirements/servers.txt
	$(COMPILE) requirements/fractal-server.in -o requirements/fractal-server.txt

clean:
	rm -rf $(VENV) .tools/docs .tools/fuzz .tools/lock dist docs/_build

# A key of this clone's own, which git ignores: the repository holds no secret.
config/.secrets.toml:
	@umask 077 && $(BIN)/python -c 'import secrets; \
	print(f"[dev]\nJWT_SECRET_KEY = \"{secrets.token_hex(32)}\"")' > $@
	@echo "wrote $@ with a new JWT_SECRET_KEY for dev"

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) install -r requirements/run.txt
	$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	$(BIN)/python $(PIP) install -r requirements/test.txt
	@touch $@

.tools/docs/docs.stamp: requirements/docs.txt pyproject.toml
	test -x .tools/docs/bin/python || $(PYTHON) -m venv .tools/docs
	.tools/docs/bin/python $(PIP) install -r requirements/docs.txt
	.tools/docs/bin/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.tools/fuzz/fuzz.stamp: requirements/run.txt
	test -x .tools/fuzz/bin/python || $(PYTHON) -m venv .tools/fuzz
	.tools/fuzz/bin/python $(PIP) install -r requirements/run.txt 'atheris>=3,<4'
	@touch $@

.tools/lock/bin/uv:
	$(PYTHON) -m venv .tools/lock
	.tools/lock/bin/python $(PIP) install uv
