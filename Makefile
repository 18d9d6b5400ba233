# The one task runner: CI calls these targets, people too. `make help` lists them.

BIN    := .venv/bin
STAMP  := .venv/.installed
SPARK  := .venv/.installed-spark
RUN    := run/books
BOOKS  ?= $(RUN)
TESTS  ?=
ONLY   ?=
LOCALE := ledger/locale

# Tests and benchmarks start the program hundreds of times: its compiled modules are kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help venv run test test-properties test-spark test-handling test-office lint serve bench mutants messages clean
.NOTPARALLEL:

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do \
	  printf '%-18s %s\n' "$$target" "$$text"; done

venv: $(STAMP) ## Create .venv with the pinned packages (the other targets do it when needed)

# The first of these that is 3.11 or newer: a name may exist and still not run (pyenv, asdf).
$(STAMP): pyproject.toml constraints.txt
	@python=; for name in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer was not found: install it, or say make PYTHON=/path/to/python" >&2; exit 1; fi; \
	echo "Preparing .venv with $$($$python --version) (once; a few minutes)" >&2; \
	[ -x $(BIN)/python ] && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || "$$python" -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt setuptools
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-build-isolation -c constraints.txt -e '.[dev]'
	@touch $@

# What people wrote in books/ and the frozen text of closed months stay; everything else is made
# again from the archived originals, which go back into the inbox under the names they came with.
run: $(STAMP) ## Run the main job on a copy of books/, from the raw exports on
	@rm -rf "$(RUN)" && mkdir -p "$(RUN)/inbox"
	@run="$$(cd "$(RUN)" && pwd)" && cd books && { find . -type f ! -path './journal/*' ! -path './reconciliation/*' ! -path './records/*' \
	    ! -path './documents/*' ! -path './inbox/*' ! -name documents.index ! -name '.*.picklecache' ! -name '*.lock'; \
	  echo inbox/.gitkeep; echo journal/_.beancount; echo reconciliation/_.beancount; \
	  grep -rohE '(journal|reconciliation)/[^"\\]+[.](beancount|tsv)' decisions; \
	} | tar -cf - -T - | tar -xf - -C "$$run"
	@tail -n +2 books/documents.index | cut -f 3,4 | while IFS='	' read -r path name; do \
	  cp "books/$$path" "$(RUN)/inbox/$$name"; done
	@status=0; $(BIN)/beanclear run "$(RUN)" || status=$$?; \
	case $$status in \
	  0) ;; \
	  1) [ -z "$$(ls "$(RUN)/inbox")" ] || exit 1; \
	     echo; echo "Exit status 1 is expected here: the example keeps exceptions open, books/README.md explains each." ;; \
	  *) exit $$status ;; \
	esac
	@echo; echo "In the browser: make serve. All open items: $(BIN)/beanclear open-items $(RUN)"

test: $(STAMP) ## Run the tests (TESTS=tests/ledger for some of them)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not spark and not handling and not office" $(TESTS)

$(SPARK): $(STAMP)
	@echo "Installing the extra [spark] (once; a few minutes, 500 MB)" >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-build-isolation -c constraints.txt -e '.[dev,spark]'
	@touch $@

# Every file of tests whose properties take `examples` of tests/conftest.py.
test-properties: $(STAMP) ## Try many more random histories (EXAMPLES=200; hours)
	@PROPERTY_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest -q -n 2 tests/promises/test_properties.py \
	  tests/promises/test_properties_of_books.py tests/cases/test_line_properties.py tests/cases/test_orders.py \
	  tests/importers/test_every_line.py tests/ledger/test_tax_lives.py

test-spark: $(SPARK) ## Run both engines over the same records, rows equal (needs Java 17; ONLY=tests/spark/test_texts.py for some)
	@if [ -n "$$JAVA_HOME" ]; then [ -x "$$JAVA_HOME/bin/java" ]; else command -v java >/dev/null; fi || { \
	  echo "Java was not found: install openjdk-17-jre-headless, or set JAVA_HOME" >&2; exit 1; }
	@$(BIN)/python -m pytest -q -m spark $(or $(ONLY),tests/spark)

test-handling: $(STAMP) ## Try on every layout what people do to files (docs/handling.md; half an hour; WRITE=1 writes it)
	@$(if $(WRITE),BEANCLEAR_WRITE_DOCS=1) $(BIN)/python -m pytest -q -n 2 --dist worksteal -m handling tests/handling
	@$(if $(WRITE),BEANCLEAR_WRITE_DOCS=1) $(BIN)/python -m pytest -q -m "not handling and not office" tests/handling

test-office: $(STAMP) ## Save files again with a real LibreOffice (Debian package libreoffice-calc)
	@$(BIN)/python -m pytest -q -rs -m office tests/handling

lint: $(STAMP) ## Check style, types, import direction and packaging
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }
	@$(BIN)/python -m pytest -q tests/test_packaging.py

serve: $(STAMP) ## Show books in Fava (BOOKS=run/books, which make run writes)
	@[ -f $(BOOKS)/main.beancount ] || $(MAKE) --no-print-directory run
	@$(BIN)/beanclear serve $(BOOKS)

# The peers are no part of what beanclear needs; they are installed when somebody measures.
bench: $(STAMP) ## Measure against bare peers (ONLY=match,run FULL=1 SIZE=50000 N=3 WRITE=1)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-build-isolation -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m benchmarks.run $(if $(ONLY),--only $(ONLY)) $(if $(FULL),--full) $(if $(SIZE),--size $(SIZE)) \
	  $(if $(N),--repeat $(N)) $(if $(WRITE),--write)

mutants: $(STAMP) ## Change each comparison and sign of matching/: do tests notice? (ONLY=sums,keyed; else an hour)
	@$(BIN)/python -m benchmarks.mutants $(if $(ONLY),--only $(ONLY))

messages: $(STAMP) ## Collect messages into the Chinese catalogue and compile it
	@mkdir -p build $(LOCALE)/zh/LC_MESSAGES
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output --project beanclear \
	  --version 0 --msgid-bugs-address= --copyright-holder= -o build/beanclear.pot cli importers ledger matching plugins
	@[ -f $(LOCALE)/zh/LC_MESSAGES/beanclear.po ] || $(BIN)/pybabel -q init -D beanclear -l zh -i build/beanclear.pot -d $(LOCALE)
	@$(BIN)/pybabel -q update -D beanclear -l zh -i build/beanclear.pot -d $(LOCALE) \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(BIN)/pybabel -q compile -D beanclear -d $(LOCALE)

clean: ## Remove what the other targets made, .venv too
	@rm -rf .venv build dist run screenshots *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
