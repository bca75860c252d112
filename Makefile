# What everyday work needs. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
TOOL := go tool -modfile=tools/go.mod

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name words; do printf '%-16s %s\n' "$$name" "$$words"; done

.PHONY: demo
demo: ## Start everything with the demo station and play its day
	go run . demo

.PHONY: test
test: ## Run every test with the race detector, on SQLite and a private MariaDB
	tools/test.sh

.PHONY: lint
lint: ## Run the linters and look at the formatting
	$(TOOL) golangci-lint run
	@unformatted=$$($(TOOL) gofumpt -l .) && [ -z "$$unformatted" ] || { echo "gofumpt: $$unformatted" >&2; exit 1; }

.PHONY: format
format: ## Format the code
	$(TOOL) gofumpt -w .

.PHONY: generate
generate: ## Make the server of api/ anew from openapi.yaml
	go generate ./api

.PHONY: check-generated
check-generated: ## Fail if the generated server is not what openapi.yaml gives
	tools/check-generated.sh

.PHONY: vuln
vuln: ## Look for known vulnerabilities that the code calls
	tools/vuln.sh

.PHONY: build
build: ## Build the static binary into dist/, as the Dockerfile does
	tools/build.sh

.PHONY: bench
bench: ## Measure, on SQLite and a private MariaDB
	tools/with-mariadb.sh go run ./bench

.PHONY: deploy-check
deploy-check: ## Start Mosquitto with deploy/mosquitto.conf and see whom it lets in
	tools/check-deploy.sh

.PHONY: client-check
client-check: ## Lint the contract and compile a TypeScript client made from it (needs npm)
	tools/check-client.sh

.PHONY: check
check: ## Run everything that must hold before a commit is taken
	.ci/run
