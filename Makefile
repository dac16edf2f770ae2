# Everything a person types. Each target sets up what it needs by itself; the second time takes a moment.
PORT ?= 8080

.PHONY: install demo test check screenshots

install: ## the set-up alone; the command is then .venv/bin/temoin
	@scripts/install

demo: install ## the demo shop with real trackers, the counter and the admin
	@.venv/bin/temoin demo --port $(PORT)

test: ## lint, types, import rules, byte budget, then every test
	@scripts/install --test
	@scripts/check
	@.venv/bin/pytest -n 2 --dist worksteal

check: ## what can be checked without running anything
	@scripts/install --test
	@scripts/check

screenshots: install ## the pictures of the documents, from the real demo
	@.venv/bin/python scripts/screenshots.py
