# make demo    build a graph of the papers in examples/, query it, draw it
# make test    lint, types and tests
# make test-train   the tests of training, with torch (several GB)
# make lint    ruff and mypy alone
# make bench   speed and memory, beside peers that need torch (several GB), Java, Maven and Chromium
# make docs    write the generated pages of docs/ anew
# make lock    pin the newest dependencies in constraints.txt
# make clean   remove what these commands made, except the virtual environment

.POSIX:
.PHONY: demo test test-train lint bench docs lock clean

VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

demo: $(VENV)/.installed
	$(BIN)/kg build examples/ -o out
	$(BIN)/kg query out "MATCH (p:Paper)-[:INTRODUCES]->(m:Method) RETURN m.name, m.papers, p.title ORDER BY m.papers DESC, m.name LIMIT 5" --format table
	$(BIN)/kg html out -o out/graph.html
	@echo
	@echo 'Next:'
	@echo '  open out/graph.html in a browser'
	@echo '  $(BIN)/kg report out -o out/report.html      plots'
	@echo '  $(BIN)/kg queries                          the library of queries'
	@echo '  $(BIN)/kg queries out most-used-methods    run one of them'
	@echo '  $(BIN)/kg show out LoRA                    all facts about a name, with their sentences'
	@echo '  $(BIN)/kg build YOUR_LISTINGS -o YOUR_GRAPH'

test: lint
	$(BIN)/python -m pytest

test-train: $(VENV)/.installed-train
	$(BIN)/python -m pytest tests/train

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/load.py
	@$(BIN)/python bench/page.py
	@$(BIN)/python bench/scale.py

docs: $(VENV)/.installed
	$(BIN)/python docs/generate.py

lock:
	@PATH="$(BIN):$$PATH"; \
	command -v uv > /dev/null || { echo 'make lock needs uv: https://docs.astral.sh/uv/' >&2; exit 1; }; \
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet -o constraints.txt

clean:
	rm -rf out dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find kg tests bench docs -name __pycache__ -prune -exec rm -rf {} +

# A stamp says that the environment holds what these files ask for.
$(VENV)/.installed: pyproject.toml constraints.txt $(BIN)/python
	@echo 'Installing kg and its dependencies into $(VENV) (a minute or two)'
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(BIN)/python
	@echo 'Installing kg and what its tests need into $(VENV) (a minute or two)'
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-train: pyproject.toml constraints.txt $(BIN)/python
	@echo 'Installing kg and what training needs into $(VENV) (several GB)'
	@$(PIP) install -c constraints.txt -e '.[dev,train]'
	@touch $(VENV)/.installed $(VENV)/.installed-dev $@

$(VENV)/.installed-bench: pyproject.toml constraints.txt $(BIN)/python
	@echo 'Installing kg and its peers into $(VENV) (several GB)'
	@$(PIP) install -c constraints.txt -e '.[bench,dev,train]'
	@touch $(VENV)/.installed $(VENV)/.installed-dev $(VENV)/.installed-train $@

# Asks each one, because a version manager puts commands on the path that do not run.
$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			$$python -m venv $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "$$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo 'kg needs Python 3.11 or newer, and none of python3.13, python3.12, python3.11, python3 is one.' >&2; \
	echo 'Install it (Debian: apt-get install python3 python3-venv; macOS: brew install python) and run make again.' >&2; \
	exit 1
