# Needs Python 3.11 or newer and make. Everything else is installed into .venv and node_modules, from locked versions with checksums.

HUES := .venv/bin/hues
PORT ?= 8000
TEXTS := $(shell find src -name '*.po')
PHRASES := $(shell find cities -path '*/assist/*' -type f) cities/hue/categories.yaml
STYLES := $(shell find src -path '*/static/*' -type f -not -path '*/vendor/*')
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet install

.PHONY: run setup test check bench bench-large lock clean
.DELETE_ON_ERROR:

run: setup  ## set up everything, fill a small demo city, serve it
	@exec $(HUES) serve --port $(PORT) --demo small

setup: .venv/.installed .venv/.texts build/static/staticfiles.json build/.assist  ## the environment only

test: setup .venv/.dev .venv/.browser check  ## set up everything and run all tests
	.venv/bin/pytest -n auto --maxprocesses 4 --dist loadfile --ignore tests/e2e
	.venv/bin/pytest tests/e2e --reruns 1 --max-suite-reruns 3 --rerun-show-tracebacks

check: setup .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup .venv/.dev  ## the benchmarks and their hard bounds
	.venv/bin/python -m benchmarks

bench-large: setup .venv/.dev  ## ten times the reports, and 3,000 people who listen
	HUES_DATA_DIR=$${HUES_DATA_DIR:-var-bench-large} .venv/bin/python -m benchmarks.scorecards 10
	.venv/bin/python -m benchmarks.live 3000

lock: .venv/.dev  ## renew the locked versions
	@for name in base dev; do \
	  .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links --output-file requirements/$$name.lock requirements/$$name.in || exit 1; \
	done
	PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/npm update --package-lock-only --no-audit --no-fund

clean:  ## remove what setup made; the data in ./var stays
	rm -rf .venv node_modules build .mypy_cache .ruff_cache .import_linter_cache src/*.egg-info src/hues/web/static/vendor
	find src -name '*.mo' -delete

# Any Python that is new enough; Debian splits the venv module off, and root may fetch it.
.venv/bin/python:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	    && apt-get -qq update && apt-get -qq install -y "$$(basename "$$python")-venv"; } || true; \
	  "$$python" -m venv --clear .venv && exit 0; \
	  echo "$$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; \
	done; echo 'Hue-S needs Python 3.11 or newer; make PYTHON=/path/to/python names one' >&2; exit 1

.venv/.base: requirements/base.lock | .venv/bin/python
	$(PIP) --require-hashes -r requirements/base.lock
	@touch $@

.venv/.installed: pyproject.toml requirements/base.in .venv/.base
	$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.installed
	$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

.venv/.texts: $(TEXTS) .venv/.installed
	$(HUES) compile-texts
	@touch $@

build/static/staticfiles.json: package-lock.json src/hues/cli/build_web.py $(STYLES) .venv/.installed
	$(HUES) build-web
	@touch $@

# The assistant's models of the packs' phrases.
build/.assist: $(PHRASES) $(wildcard src/hues/assist/triage/*) .venv/.installed
	$(HUES) assist build
	@mkdir -p build && touch $@

# For the tests in a real browser; without one they are skipped, and say so.
.venv/.browser: | .venv/bin/python
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } \
	  || echo 'no chromium: tests in a browser will be skipped' >&2
	@{ command -v sipp && { command -v kamailio || test -x /usr/sbin/kamailio; }; } >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get -qq update && apt-get -qq install -y --no-install-recommends kamailio sip-tester; } \
	  || echo 'no Kamailio or SIPp: the tests with real telephony will be skipped' >&2
	@command -v ogrinfo >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get -qq update && apt-get -qq install -y --no-install-recommends gdal-bin; } \
	  || echo 'no ogrinfo: the test with an independent reader of the open data will be skipped' >&2
	@touch $@
