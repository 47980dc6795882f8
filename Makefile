# What can be done here?  `make help` lists it.

# The first Python from 3.11 on this machine; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
PORT ?= 8000
SIZE ?= 1500
ARGS ?=
VPY := .venv/bin/python
export PORT

.DEFAULT_GOAL := help
.PHONY: help run office test check demo real bench pujiang bundle install venv python lock format shell dev-db stop clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

run: python ## bring the whole office up on 127.0.0.1 [PORT=8000]
	@STEPS=8 $(PYTHON) config/bootstrap.py base
	@exec $(VPY) -m config.office

office: python ## a real office, empty at first: set-up pages, HTTPS on a network address [PORT=8443 HOST=0.0.0.0 OFFICE_HOSTS=names]
	@STEPS=8 $(PYTHON) config/bootstrap.py base
	@OFFICE_MODE=office exec $(VPY) -m config.office

test: install ## the whole suite, in parallel [ARGS="tests/petitions -k clock"]
	@$(VPY) -m pytest -n auto --dist worksteal $(ARGS)

check: install ## style, types, imports, templates, migrations in step, printed docs fresh
	@$(VPY) -m config.checks $(ARGS)

demo: ## more demo matters on the running office's database [SIZE=1500]
	@$(VPY) manage.py demo --size $(SIZE) $(ARGS)

real: install ## a few hundred real messages of ../shared/data through the verbs
	@OFFICE_VAR=var/real $(VPY) manage.py migrate --verbosity 0
	@OFFICE_VAR=var/real $(VPY) manage.py real $(ARGS); code=$$?; OFFICE_VAR=var/real $(VPY) -m config.embedded stop; exit $$code

bench: install ## measure the office over HTTP [SIZE=100000]
	@$(VPY) manage.py bench --size $(SIZE) $(ARGS)
bench: SIZE = 100000

bundle: install ## one archive that installs with the network off, for machines of this kind [ARGS=folder]
	@$(VPY) -m config.bundle $(ARGS)

pujiang: install ## the reception day of 436 groups in 14 rooms, replayed over HTTP [SPEED=60]
	@$(VPY) manage.py pujiang --speed $(SPEED) $(ARGS)
pujiang: SPEED = 0

install: python ## everything that tests and checks need
	@$(PYTHON) config/bootstrap.py dev

venv: install

python:
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 on was found: install one, or say make PYTHON=/path/to/python3."; exit 1; }

lock: install ## write the lock files anew from requirements/*.in and package.json
	@for group in base dev; do $(VPY) -m uv --no-config pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/$$group.in -o requirements/$$group.txt || exit 1; done
	@npm install --package-lock-only

format: install ## bring the code into one style
	@$(VPY) -m ruff check --fix-only --quiet . ; $(VPY) -m ruff format --quiet .

shell: install ## Django's shell on the office's database
	@$(VPY) manage.py shell

dev-db: install ## a migrated database of your own [OFFICE_VAR=/tmp/mine]
	@$(VPY) manage.py migrate

stop: ## stop embedded servers that a killed process left running
	@$(VPY) -m config.embedded stop

clean: ## remove what was installed and cached; data under var/ stays
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
