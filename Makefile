# Everything a person types. Each target sets up what it needs by itself; the second time takes a moment.
PORT ?= 8080

.PHONY: install demo test test-cluster test-engines test-faults test-faults-long fuzz check check-deploy scan screenshots

install: ## the set-up alone; the command is then .venv/bin/temoin
	@scripts/install

demo: install ## the demo shop with real trackers, the counter and the admin
	@.venv/bin/temoin demo --port $(PORT)

test: ## lint, types, import rules, byte budget, then every test
	@scripts/install --test
	@scripts/check
	@.venv/bin/pytest -n 2 --dist worksteal

test-cluster: ## the browser tests over a service on a Redis Cluster of three masters
	@scripts/install --test
	@.venv/bin/pytest -n 2 --dist loadfile --store cluster tests/browser

test-engines: ## the core journeys in Chromium, Firefox and WebKit
	@scripts/install --engines
	@.venv/bin/pytest tests/engines

test-faults: ## a few of each fault under load: kills, full disks, cut networks
	@scripts/install --test
	@.venv/bin/python -m faults

test-faults-long: ## more than a thousand kills, for some hours
	@scripts/install --test
	@.venv/bin/python -m faults --long

fuzz: ## a million bent inputs for every decoder and every public address, some ten minutes
	@scripts/install --test
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r fuzz/requirements.lock
	@.venv/bin/python -m fuzz

check: ## what can be checked without running anything
	@scripts/install --test
	@scripts/check

check-deploy: ## the files of deploy/ against the schemas of Compose and Kubernetes
	@scripts/check-deploy

scan: ## secrets in the tree, known vulnerabilities of dependencies
	@scripts/scan

screenshots: install ## the pictures of the documents, from the real demo
	@.venv/bin/python scripts/screenshots.py

bench-browser: ## what the banner costs a visitor on a slow phone, beside its peers; remakes docs/performance.md
	@scripts/install --test
	@.venv/bin/python -m loadtests.browser --write
