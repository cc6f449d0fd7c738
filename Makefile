# Every command that a person types. `make help` lists them.

# Cargo is asked for the whole workspace even where one crate would do: a part of it has other features, and
# everything would be compiled once more.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# What is built once, keyed by what it is built from; shared by all checkouts.
export CRO_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/cloud-resource-operator
NAMESPACE ?= cloud-resource-operator
TIER ?= development
KUBECTL ?= kubectl
HELM ?= helm
CHART := charts/cloud-resource-operator
BENCH_PROFILE ?= release
DENY_VERSION := 0.20.2
MACHETE_VERSION := 0.9.2
CARGO_TOOLS := $(CRO_CACHE)/cargo-$(DENY_VERSION)-$(MACHETE_VERSION)
# Seed types and kinds, as the Go operator names them.
SEEDS := $(foreach type,managed workshop,$(foreach kind,postgres redis blobstorage smtp,cluster/seed/$(type)/$(kind)))

# Tests wait for servers more than they compute.
export RUST_TEST_THREADS ?= $(shell echo $$((2 * $$(nproc))))

DEBUG_BINARIES := $(or $(CARGO_TARGET_DIR),target)/debug

# What the operator's calls in tests needed of IAM.
IAM_ACTIONS := $(abspath $(or $(CARGO_TARGET_DIR),target))/iam-actions.log

need = @command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }

##@ Try

.PHONY: run
run: tools ## Run the operator on a real control plane on this machine, with the samples (ONCE=1: end when complete)
	@echo 'building the services'
	@cargo build --locked --workspace --bins
	@exec setpriv --pdeathsig TERM $${CARGO_TARGET_DIR:-target}/debug/stack run $(if $(ONCE),--once)

.PHONY: tools
tools: toolchains ## Build or install what run and test need: control plane, nats-server, kwok, doubles of AWS
	@tests/tools/locked.sh build.sh >/dev/null
	@tests/tools/locked.sh python.sh moto >/dev/null
	@tests/tools/locked.sh python.sh localstack >/dev/null

.PHONY: toolchains
toolchains:
	$(call need,cargo,install Rust 1.95 or newer (https://rustup.rs))
	$(call need,go,install Go 1.26 or newer (https://go.dev/dl))
	$(call need,python3,install Python 3.11 or newer with venv)
	$(call need,setpriv,install util-linux)
	$(call need,flock,install util-linux)

##@ Test

.PHONY: test
test: lint check tools ## Everything: formatting, lints, licences, drift, unit, integration and end-to-end tests
	@rm -f $(IAM_ACTIONS)
	IAM_ACTIONS_LOG=$(IAM_ACTIONS) cargo test --locked --workspace --no-fail-fast
	@cargo run --quiet --locked --bin policygen -- --seen $(IAM_ACTIONS)
	@$(MAKE) --no-print-directory test/localstack
	@status=0; tests/tools/docker.sh >/dev/null || status=$$?; case $$status in \
	  0) $(MAKE) --no-print-directory test/e2e/cluster && $(MAKE) --no-print-directory test/images BINARIES=$(DEBUG_BINARIES) ;; \
	  3) echo 'test result: ok. 0 passed; 0 failed; 1 ignored; left out: test/e2e/cluster and test/images want Docker, or root on Debian' ;; \
	  *) exit $$status ;; esac

# What is about S3, IAM, STS and SES.
LOCALSTACK_TESTS := buckets:: credentials:: mail:: claim::a_bucket_on_aws claim::mail_credentials_on_aws claim::w46_

.PHONY: test/localstack
test/localstack: tools ## Tests of buckets, mail and credentials once more, against LocalStack in place of moto
	@echo 'left out: buckets::permissions, since LocalStack enforces no IAM policies'
	AWS_DOUBLE=localstack cargo test --locked --workspace --no-fail-fast --test aws_provisioner --test e2e -- \
	  $(LOCALSTACK_TESTS) --skip buckets::permissions

.PHONY: test/unit
test/unit: lint ## Formatting, lints and the tests that start nothing
	cargo test --locked --workspace --lib --bins

.PHONY: test/e2e/local
test/e2e/local: tools ## The end-to-end tests alone
	cargo test --locked --workspace --test e2e --test faults

# With what cargo has built for debugging; BINARIES= compiles them as they are released.
.PHONY: test/e2e/cluster test/e2e/image
test/e2e/cluster: BINARIES ?= $(DEBUG_BINARIES)
test/e2e/cluster: images/cluster ## The operator as it is installed: images, Helm, and real pods on a node in a container
	@$(with_docker) && cargo test --locked --workspace --test cluster -- --nocapture
test/e2e/image: test/e2e/cluster

.PHONY: images/cluster
images/cluster: toolchains
	@$(if $(BINARIES),cargo build --locked --workspace --bins)
	@$(with_docker) && deploy/images/build.sh services \
	  && deploy/images/build.sh others && deploy/kubernetes/build.sh $(NODE_IMAGE) --quiet >/dev/null

.PHONY: lint
lint: ## Formatting and clippy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: check
check: $(CARGO_TOOLS)/.complete chart/lint ## Licences, sources, bans, unused dependencies, the chart, generated files
	$(CARGO_TOOLS)/bin/cargo-deny --locked check bans licenses sources
	$(CARGO_TOOLS)/bin/cargo-machete
	cargo run --quiet --locked --bin crdgen -- --check
	cargo run --quiet --locked --bin policygen -- --check
	cargo run --quiet --locked --bin docgen -- --check
	tests/tools/manifests.sh --check

.PHONY: chart/lint
chart/lint: toolchains ## The chart with default values and with those in its folder ci, against the schemas of Kubernetes
	@set -o pipefail; bin=$$(tests/tools/locked.sh build.sh) && schemas=$$(tests/tools/locked.sh schemas.sh) || exit 1; \
	for values in /dev/null $(CHART)/ci/*.yaml; do \
	  $$bin/helm lint --strict --quiet $(CHART) --values $$values && \
	  $$bin/helm template cloud-resource-operator $(CHART) --values $$values | \
	    $$bin/kubeconform -strict -summary -schema-location "$$schemas/{{.ResourceKind}}{{.KindSuffix}}.json" || exit 1; \
	done

$(CARGO_TOOLS)/.complete:
	cargo install --quiet --locked --root $(CARGO_TOOLS) cargo-deny@$(DENY_VERSION)
	cargo install --quiet --locked --root $(CARGO_TOOLS) cargo-machete@$(MACHETE_VERSION)
	@touch $@

.PHONY: bench
bench: tools ## Measure, and write target/bench/report.json and report.md (BENCH_PROFILE=dev: unoptimized)
	@cargo build --locked --workspace --bins --profile $(BENCH_PROFILE)
	@exec setpriv --pdeathsig TERM $${CARGO_TARGET_DIR:-target}/$(BENCH_PROFILE:dev=debug)/bench

.PHONY: bench/install
bench/install: tools ## Measure an installation with the images that are there (make images/local), and write target/bench/install/report.json and report.md
	@cargo build --locked --workspace --bins
	@$(with_docker) && exec setpriv --pdeathsig TERM $${CARGO_TARGET_DIR:-target}/debug/bench --install

##@ Change

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all

.PHONY: generate
generate: ## Write crds/manifests, deploy/aws, deploy/manifests and docs/configuration.md anew
	cargo run --quiet --locked --bin crdgen
	cargo run --quiet --locked --bin policygen
	cargo run --quiet --locked --bin docgen
	tests/tools/manifests.sh

##@ Images and docker-compose

# Names of images: <REGISTRY>/<service>:<IMAGE_TAG>.
REGISTRY ?= localhost/cloud-resource-operator
IMAGE_TAG ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
IMAGES := $(foreach image,watcher aws-provisioner openshift-provisioner secret-writer tools,$(REGISTRY)/$(image):$(IMAGE_TAG))
NODE_IMAGE := localhost/cloud-resource-operator/kubernetes:0.1.0
# Builds trust what this machine trusts: it may be behind a proxy with an authority of its own.
CA_CERTIFICATES ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
export REGISTRY IMAGE_TAG PLATFORM BINARIES BASE_IMAGE RUST_IMAGE CA_CERTIFICATES
with_docker = docker=$$(tests/tools/docker.sh) && eval "$$docker"
compose = $(with_docker) && docker compose --env-file deploy/compose/local.env

.PHONY: images
images images/local: export CARGO_INCREMENTAL ?= 1
images: ## Build the images (REGISTRY, IMAGE_TAG, PLATFORM=linux/arm64, BINARIES=target/debug: take binaries from there)
	@$(with_docker) && deploy/images/build.sh services

# What others run is optimized as a whole; what is built again after each change, in parts.
.PHONY: images/push
images/push: ## Build the images and push them to REGISTRY=…
	@[ '$(origin REGISTRY)' != file ] || { echo 'say where to: make images/push REGISTRY=registry.example.com/team' >&2; exit 1; }
	@$(MAKE) --no-print-directory images CARGO_INCREMENTAL=0
	@$(with_docker) && for image in $(IMAGES); do docker push "$$image" || exit 1; done

.PHONY: images/sizes
images/sizes: ## Sizes of the images, compressed as in a registry
	@$(with_docker) && for image in $(IMAGES); do \
	  printf '%-50s %5.1f MB\n' "$$image" "$$(docker save "$$image" | gzip | wc -c)e-6"; done

.PHONY: images/local
images/local: ## Build all that docker-compose runs; nothing comes from a container registry but, if there is one, the base image
	@$(with_docker) && deploy/images/build.sh services \
	  && deploy/images/build.sh aws && deploy/images/build.sh others && deploy/kubernetes/build.sh $(NODE_IMAGE) --quiet >/dev/null
	@mkdir -p target/compose && $(with_docker) && . deploy/images/names.env \
	  && docker save --output target/compose/databases.tar "$$POSTGRES_IMAGE" "$$REDIS_IMAGE"

.PHONY: compose/up
compose/up: ## docker-compose with images that were built here alone (first: make images/local)
	@$(compose) up

.PHONY: compose/down
compose/down: ## Stop it, and forget everything
	@$(compose) down --volumes

.PHONY: docker/stop
docker/stop: ## Stop the Docker engine that these commands have started; another, such as systemd has, is left alone
	@tests/tools/docker.sh stop

.PHONY: test/images
test/images: ## The images: no shell, not root, read-only root file system, labels, list of contents
	@$(with_docker) && tests/images/test.sh $(IMAGES)

.PHONY: test/compose
test/compose: images/local ## docker-compose with images that were built here, until all samples are complete
	@$(with_docker) && tests/compose/test.sh

##@ Use a cluster (the current kubeconfig)

# The part of the chart that the services need when they run outside of the cluster.
rights = $(HELM) template cloud-resource-operator $(CHART) --namespace $(NAMESPACE) \
  --show-only='templates/rbac/*.yaml' --show-only='templates/admission/*.yaml'

# What was made by cluster/prepare says so, and cluster/clean removes nothing else.
MADE_HERE := app.kubernetes.io/created-by=cluster-prepare
not_installed = @! $(KUBECTL) get serviceaccount watcher --namespace $(NAMESPACE) --output yaml 2>/dev/null | grep --quiet meta.helm.sh/release-name \
  || { echo 'Helm has installed the operator in the namespace $(NAMESPACE): leave it to Helm, or choose another NAMESPACE' >&2; exit 1; }

.PHONY: cluster/prepare
cluster/prepare: kubectl helm ## Install CRDs, the namespace, accounts, roles, admission policies and sample ConfigMaps (those that are there stay)
	$(not_installed)
	@absent=; for file in crds/manifests/*.yaml; do $(KUBECTL) get --filename $$file >/dev/null 2>&1 || absent+=" --filename $$file"; done; \
	  $(KUBECTL) apply --server-side --filename crds/manifests && { [ -z "$$absent" ] || $(KUBECTL) label $$absent $(MADE_HERE); }
	@$(KUBECTL) get namespace $(NAMESPACE) >/dev/null 2>&1 || { $(KUBECTL) create namespace $(NAMESPACE) && $(KUBECTL) label namespace $(NAMESPACE) $(MADE_HERE); }
	$(KUBECTL) label namespace $(NAMESPACE) monitoring-key=middleware --overwrite
	@for file in deploy/config/*.yaml; do \
	  $(KUBECTL) get --namespace $(NAMESPACE) --filename $$file >/dev/null 2>&1 \
	    || $(KUBECTL) label --local --filename $$file --output yaml $(MADE_HERE) | $(KUBECTL) create --namespace $(NAMESPACE) --filename - || exit 1; \
	done
	$(rights) | $(KUBECTL) apply --filename -

.PHONY: run/cluster
run/cluster: tools kubectl ## Run the services here for that cluster (after cluster/prepare, and not beside an installation; for a day); AWS as this shell has it
	@cargo build --locked --workspace --bins
	@exec setpriv --pdeathsig TERM $${CARGO_TARGET_DIR:-target}/debug/stack cluster --namespace $(NAMESPACE)

.PHONY: $(SEEDS)
$(SEEDS): kubectl ## Create a sample claim of that type and kind (TIER=development)
	@sed -e 's/^  type: .*/  type: $(notdir $(patsubst %/,%,$(dir $@)))/' -e 's/^  tier: .*/  tier: $(TIER)/' \
	  deploy/samples/example-$(notdir $@).yaml | $(KUBECTL) apply --namespace $(NAMESPACE) --filename -

SNAPSHOT_SEEDS := cluster/seed/postgressnapshot cluster/seed/redissnapshot
.PHONY: $(SNAPSHOT_SEEDS)
$(SNAPSHOT_SEEDS): kubectl ## Create a snapshot of the sample claim of that kind
	@sed 's/\(resourceName: .*\)-aws$$/\1/' deploy/samples/example-$(notdir $@).yaml \
	  | $(KUBECTL) apply --namespace $(NAMESPACE) --filename -

.PHONY: cluster/clean
cluster/clean: kubectl helm ## Remove what cluster/prepare made; refuses while claims or volumes are left, since they hold data
	$(not_installed)
	@kinds=$$($(KUBECTL) get crds --output name) || exit 1; \
	  left=$$(! grep --quiet integreatly.org <<<"$$kinds" || \
	  $(KUBECTL) get cloudresources --all-namespaces --no-headers --output custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name) || exit 1; \
	  [ -z "$$left" ] || { printf 'delete these first, so that their resources go too:\n%s\n' "$$left" >&2; exit 1; }; \
	  left=$$($(KUBECTL) get persistentvolumeclaims --namespace $(NAMESPACE) --output name) || exit 1; \
	  [ -z "$$left" ] || { printf 'these hold data in the namespace $(NAMESPACE):\n%s\n' "$$left" >&2; exit 1; }
	$(rights) | $(KUBECTL) delete --ignore-not-found --filename -
	$(KUBECTL) delete configmaps --namespace $(NAMESPACE) --selector $(MADE_HERE)
	$(KUBECTL) delete customresourcedefinitions --selector $(MADE_HERE)
	$(KUBECTL) delete namespaces --selector $(MADE_HERE) --field-selector metadata.name=$(NAMESPACE)

.PHONY: helm
helm:
	$(call need,$(HELM),install Helm 3.18 or newer (https://helm.sh/docs/intro/install) or set HELM)

.PHONY: kubectl
kubectl:
	$(call need,$(KUBECTL),install kubectl (https://kubernetes.io/docs/tasks/tools) or set KUBECTL)
	@$(KUBECTL) version >/dev/null || exit 1

##@ Help

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^\$$\((SNAPSHOT_)?SEEDS\):/ { n = split(/SNAPSHOT/ ? "$(SNAPSHOT_SEEDS)" : "$(SEEDS)", seed, " "); for (i = 1; i <= n; i++) printf "  %-36s %s\n", seed[i], $$2; next } \
	  /^[a-z][a-z0-9\/]*:.*## / { sub(/:.*/, "", $$1); printf "  %-36s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
