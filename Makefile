# `make demo` and `make test` do everything; the rest is for who works on it.
SERVE ?= 1
PORT ?= 8888
bin = .venv/bin

# Some images forbid Python to keep what it compiled. Then every start compiles torch again (2 s),
# and whoever loads a policy transformers too (4 s).
unexport PYTHONDONTWRITEBYTECODE

# A process for each core, but not more than pay for importing torch.
together = -n auto --maxprocesses 4 --dist worksteal

.DELETE_ON_ERROR:
.PHONY: help demo app notebooks test lint unit format pictures clean

help:
	@echo "make demo   install, train for about half a minute, show the result, serve the app"
	@echo "            (SERVE=0 ends instead of serving)"
	@echo "make app    serve the app on the recorded run"
	@echo "make notebooks"
	@echo "            open the first lesson in JupyterLab (PORT=8888)"
	@echo "make test   lint, types and all tests"
	@echo "make unit   lint, types and the tests that need neither a browser nor a notebook"
	@echo "make pictures   every state of the token view as a PNG (FOLDER=pictures)"
	@echo "make format put the code in its form"
	@echo "make clean  remove .venv and what tests left behind; runs/ stays"

demo: .venv/.installed-app
	@$(bin)/explorer train --out runs/demo --force --steps 60 --critic --score-share 0.2
	@$(bin)/explorer show runs/demo --samples 3 --estimators grpo,bae
	@test "$(SERVE)" = 0 || $(bin)/explorer demo --run demo

app: .venv/.installed-app
	@$(bin)/explorer demo

notebooks: .venv/.installed-notebooks
	@$(bin)/jupyter lab --config=notebooks/lab/config.json --port=$(PORT)

# What looks at the clock, in a browser or a notebook, has the machine to itself.
test: lint
	$(bin)/pytest $(together) -m "not browser and not notebook"
	$(bin)/pytest -m "browser or notebook"

unit: lint
	$(bin)/pytest $(together) -m "not browser and not notebook and not vllm and not gpu"

lint: .venv/.installed-dev
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/pyright --pythonpath $(bin)/python

format: .venv/.installed-dev
	$(bin)/ruff check --fix
	$(bin)/ruff format

FOLDER ?= pictures
pictures: .venv/.installed-dev
	@PYTHONPATH=tests $(bin)/python -m browser.pictures $(FOLDER)

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis dist build

.venv/.installed-%: pyproject.toml constraints.txt scripts/setup.sh
	@sh scripts/setup.sh $*
	@touch $@
