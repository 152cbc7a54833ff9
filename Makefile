# Needs Python 3.11 or newer and make. Everything is installed into .venv and nothing outside this folder.
#   make demo   run a small tumor and write its report      make test    run all tests
#   make bench  measure the speed                           make clean   remove .venv and what runs wrote
# PYTHON=/path/to/python chooses the interpreter; VENV=folder another environment.

VENV ?= .venv
BIN := $(VENV)/bin
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11)
SUITABLE := import sys, venv, ensurepip; assert sys.version_info >= (3, 11)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?=

.PHONY: demo test bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(BIN)/autocrine run minimal --out runs/demo --overwrite
	@$(BIN)/autocrine report runs/demo
	@echo "The run is in runs/demo; open runs/demo/report.html in a browser."

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(TESTS)

bench: $(VENV)/installed-dev
	@for case in benchmarks/*.py; do echo "== $$case"; $(BIN)/python "$$case" || exit 1; done

clean:
	rm -rf $(VENV) runs build dist
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV), with the tools for tests ..."
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/installed

$(BIN)/python:
	@for python in $(CANDIDATES); do \
	    if "$$python" -c '$(SUITABLE)' 2>/dev/null; then \
	        echo "Making $(VENV) with $$("$$python" -c 'import sys; print(sys.executable)')"; \
	        "$$python" -m venv --clear $(VENV) && exit 0 || exit 1; \
	    fi; \
	done; \
	echo "autocrine_abm needs Python 3.11 or newer with its venv module. Tried:" >&2; \
	for python in $(CANDIDATES); do \
	    echo "    $$python: $$("$$python" -c 'import sys; print("Python %d.%d" % sys.version_info[:2]); import venv, ensurepip' 2>&1 | tail -n 1 || true)" >&2; \
	done; \
	echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or say where it is:" >&2; \
	echo "    make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1
