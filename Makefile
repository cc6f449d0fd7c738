# Every command that a person types. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/cloud-resource-operator
NAMESPACE ?= cloud-resource-operator
TIER ?= development
DENY_VERSION := 0.20.2
MACHETE_VERSION := 0.9.2
CARGO_TOOLS := $(CACHE)/cargo-$(DENY_VERSION)-$(MACHETE_VERSION)
# Seed types and kinds, as the Go operator names them.
SEEDS := $(foreach type,managed workshop,$(foreach kind,postgres redis blobstorage,cluster/seed/$(type)/$(kind)))

need = @command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }

##@ Try

.PHONY: run
run: tools ## Run the operator on a real control plane on this machine, with the samples (ONCE=1: end when complete)
	@cargo build --quiet --locked --workspace --bins
	@target=$${CARGO_TARGET_DIR:-target}; exec $$target/debug/stack run $(if $(ONCE),--once)

.PHONY: tools
tools: toolchains ## Build or install what run and test need: control plane, nats-server, kwok, the AWS double
	@tests/tools/build.sh >/dev/null
	@tests/tools/moto.sh >/dev/null

.PHONY: toolchains
toolchains:
	$(call need,cargo,install Rust 1.95 or newer (https://rustup.rs))
	$(call need,go,install Go 1.26 or newer (https://go.dev/dl))
	$(call need,python3,install Python 3.11 or newer with venv)
	$(call need,setpriv,install util-linux)

##@ Test

.PHONY: test
test: lint check tools ## Everything: formatting, lints, licences, drift, unit, integration and end-to-end tests
	cargo test --locked --workspace --no-fail-fast

.PHONY: test/unit
test/unit: lint ## Formatting, lints and the tests that start nothing
	cargo test --locked --workspace --lib --bins

.PHONY: test/e2e/local
test/e2e/local: tools ## The end-to-end tests alone
	cargo test --locked -p e2e -p faults

.PHONY: lint
lint: ## Formatting and clippy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: check
check: $(CARGO_TOOLS)/.complete ## Licences, sources, bans, unused dependencies, generated files
	$(CARGO_TOOLS)/bin/cargo-deny --locked check bans licenses sources
	$(CARGO_TOOLS)/bin/cargo-machete
	cargo run --quiet --locked -p crds --bin crdgen -- --check

$(CARGO_TOOLS)/.complete:
	cargo install --quiet --locked --root $(CARGO_TOOLS) cargo-deny@$(DENY_VERSION)
	cargo install --quiet --locked --root $(CARGO_TOOLS) cargo-machete@$(MACHETE_VERSION)
	@touch $@

.PHONY: bench
bench: tools ## Measure, and write target/bench/report.json and report.md
	@cargo build --quiet --locked --workspace --bins
	@target=$${CARGO_TARGET_DIR:-target}; exec $$target/debug/bench

##@ Change

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all

.PHONY: generate
generate: ## Write crds/manifests anew
	cargo run --quiet --locked -p crds --bin crdgen

##@ Use a cluster (the current kubeconfig)

.PHONY: cluster/prepare
cluster/prepare: ## Install CRDs, the namespace, roles and sample ConfigMaps
	$(call need,kubectl,install kubectl (https://kubernetes.io/docs/tasks/tools))
	kubectl create namespace $(NAMESPACE) --dry-run=client --output yaml | kubectl apply --filename -
	kubectl label namespace $(NAMESPACE) monitoring-key=middleware --overwrite
	kubectl apply --server-side --filename crds/manifests
	kubectl apply --namespace $(NAMESPACE) --filename deploy/rbac --filename deploy/config

.PHONY: $(SEEDS)
$(SEEDS): ## Create a sample claim of that type and kind (TIER=development)
	$(call need,kubectl,install kubectl (https://kubernetes.io/docs/tasks/tools))
	@sed -e 's/^  type: .*/  type: $(notdir $(patsubst %/,%,$(dir $@)))/' -e 's/^  tier: .*/  tier: $(TIER)/' \
	  deploy/samples/example-$(notdir $@).yaml | kubectl apply --namespace $(NAMESPACE) --filename -

.PHONY: cluster/clean
cluster/clean: ## Remove what cluster/prepare made; refuses while claims are left, since they hold resources
	$(call need,kubectl,install kubectl (https://kubernetes.io/docs/tasks/tools))
	@left=$$(kubectl get cloudresources --all-namespaces --output name) || exit 1; \
	  if [ -n "$$left" ]; then printf 'delete these first, so that their resources go too:\n%s\n' "$$left" >&2; exit 1; fi
	kubectl delete --ignore-not-found --namespace $(NAMESPACE) --filename deploy/config --filename deploy/rbac
	kubectl delete --ignore-not-found --filename crds/manifests
	kubectl delete --ignore-not-found namespace $(NAMESPACE)

##@ Help

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^\$$\(SEEDS\):/ { n = split("$(SEEDS)", seed, " "); for (i = 1; i <= n; i++) printf "  %-36s %s\n", seed[i], $$2; next } \
	  /^[a-z][a-z0-9\/]*:.*## / { sub(/:.*/, "", $$1); printf "  %-36s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
