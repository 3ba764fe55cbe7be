# make demo        everything from a fresh clone to a map at http://127.0.0.1:8000 (PORT=8123 for another port)
# make check test  what CI runs
PORT ?= 8000
PYTHON_FILES = geo maps api scripts tests benchmarks

.PHONY: install demo check test test-long bench bench-clusters bench-rules bench-sites bench-totals bench-way assets lock clean system-run system-test

install: .venv/.finished assets

demo: install
	@exec .venv/bin/shuangbei demo --port $(PORT)

check: install
	.venv/bin/ruff check $(PYTHON_FILES)
	.venv/bin/ruff format --check $(PYTHON_FILES)
	.venv/bin/mypy -p geo -p maps -p api
	.venv/bin/lint-imports

# Each worker has a database server of its own; a file's tests stay together, for they share what they set up.
WORKERS ?= 2
PYTEST = .venv/bin/python -m pytest -q -n $(WORKERS) --dist loadfile

test: system-test install
	$(PYTEST)

# With the fuzzing and killing runs, of which `make test` has a small fixed sample.
test-long: system-test install
	$(PYTEST) --long

# How long imports (SIZES="10000 100000 1000000") and robustness take, ours beside others'; adds to benchmarks/RESULTS.md.
SIZES ?= 10000 100000
bench: install
	.venv/bin/python -m benchmarks $(SIZES)
	.venv/bin/python -m benchmarks.robustness

# How long clusters take, beside ST_ClusterDBSCAN, libpysal and a self-join in SQL; then their figures, beside GeoPandas's dissolve
# and PostGIS's ST_Union. SIZES="10000 100000 1000000" BENCH="--all" asks everybody at every size.
BENCH ?=
bench-clusters: install
	.venv/bin/python -m benchmarks.adjacency $(SIZES) $(BENCH)
	.venv/bin/python -m benchmarks.clusters $(SIZES)

# How long all rules take, beside plain GeoPandas and one hand-written SQL; and judging again when weights alone have changed.
bench-rules: install
	.venv/bin/python -m benchmarks.rules $(SIZES)
	.venv/bin/python -m benchmarks.again $(SIZES)

# How long the search for sites takes, beside a greedy growth, a flow model and (SHUANGBEI_BENCH_SPOPT=its Python) spopt's max-p.
bench-sites: install
	.venv/bin/python -m benchmarks.sites

# How long the best way to the target takes among 2,000 measures, beside the easiest square metre first.
bench-way: install
	.venv/bin/python -m benchmarks.way

# How long totals of floor area take, beside one GROUP BY by hand and pandas.
bench-totals: install
	.venv/bin/python -m benchmarks.totals $(SIZES)

assets: maps/vendor/MANIFEST.json

# Looked at each time, for it is quick, and a stamp would not notice what was uninstalled since.
system-run:
	@scripts/system-packages.sh run

system-test:
	@scripts/system-packages.sh test

.venv/.finished: requirements.lock pyproject.toml scripts/environment.sh | system-run
	scripts/environment.sh

maps/vendor/MANIFEST.json: package-lock.json package.json .npmrc scripts/vendor_assets.py | .venv/.finished
	npm ci --ignore-scripts --omit=dev --no-progress
	.venv/bin/python scripts/vendor_assets.py

# Not a part of install: run after a change of the dependencies in pyproject.toml, and commit what it writes.
lock: .venv/.finished
	scripts/lock.sh

clean:
	rm -rf .venv node_modules maps/vendor build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
