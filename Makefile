# make demo     the main job on the built-in simulator
# make test     all tests
# make check    ruff, formatting, mypy, import contracts
# make samples  the golden reports, written again; a person judges the diff
# make bench    timings beside what else could be run: a quarter of an hour; ARGS='raw --rounds 7' for less
# make count    what the sending of a change takes in instructions, by valgrind: two minutes
# make storm    how many full syncs run at once, with waves and without; about four minutes
# make scale    a model of fleets of up to a million tasks, checked against runs; some minutes
# make soak     night after night until nothing can be growing; ten minutes
# make sweep    every fault at every place, then random pairs: some minutes; ARGS='--help' tells more
# make chaos    every crash point, every failing write, 1,000 random kills: about an hour; ARGS='--help' tells more
# make mutants  mistakes made on purpose, each of which the tests have to notice: some minutes
# make pythons  all tests under each supported Python that is here; ARGS='tests/unit' for some of them
# make lock     requirements.lock and requirements-build.lock, written again from pyproject.toml; ARGS='--extra notify'
# make sbom     dist/enforcer.cdx.json, the bill of materials of the image, CycloneDX
# make deploy-check  the manifests, the image, the dependencies and the package, judged by the tools of others

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
TOOLS := .venv-deploy
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check samples sweep chaos mutants bench count storm scale soak deploy-check sbom pythons lock format clean

demo: $(VENV)/.run
	@$(BIN)/enforcer demo

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

samples: $(VENV)/.test
	$(BIN)/python -m tests.sample_reports

sweep: $(VENV)/.test
	$(BIN)/python -m tests.faults.sweep $(ARGS)

chaos: $(VENV)/.test
	$(BIN)/python -m tests.chaos $(ARGS)

mutants: $(VENV)/.test
	$(BIN)/python -m tests.chaos.mutants

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench $(ARGS)

count: $(VENV)/.test
	@$(BIN)/python -m tests.bench.count

storm: $(VENV)/.test
	$(BIN)/python -m tests.bench.storm

scale: $(VENV)/.test
	$(BIN)/python -m tests.bench.scale

soak: $(VENV)/.test
	$(BIN)/python -m tests.bench.soak $(ARGS)

deploy-check: $(TOOLS)/.done
	@deploy/check/check.sh $(TOOLS)

sbom: $(TOOLS)/.done
	@deploy/check/sbom.sh $(TOOLS) dist/enforcer.cdx.json

pythons: $(TOOLS)/.done
	$(TOOLS)/bin/nox -- $(ARGS)

LOCK := $(TOOLS)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host

lock: $(TOOLS)/.done
	$(LOCK) $(ARGS) --output-file requirements.lock pyproject.toml
	$(LOCK) --only-build-deps --build-deps-for wheel --output-file requirements-build.lock pyproject.toml

$(TOOLS)/.done: deploy/check/requirements.txt
	$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Two stamps, so that the demo does not wait for the test tools.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) with the test tools ..."
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) $(TOOLS) .nox build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
