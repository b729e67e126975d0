# The two commands of the set-up are `make demo` and `make test`; both install what is missing first.

# Built files live outside the checkout, so that a fresh clone does not start from nothing.
CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/entente/target
export CARGO_TARGET_DIR

# dev builds fastest; PROFILE=release for long runs.
PROFILE ?= dev
# An offers trace or a profile folder instead of the shipped data, and limits for traces, which have none.
DATA ?=
# on: trade the day a second time, from anonymous accounts.
PRIVACY ?=
INTERNAL_LIMIT_WH ?=
EXTERNAL_LIMIT_WH ?=

FORGE := script/foundry forge
ENTENTE = $(CARGO_TARGET_DIR)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/entente
DEMO_OPTIONS := $(if $(DATA),--data '$(DATA)') \
	$(if $(filter on,$(PRIVACY)),--privacy) \
	$(if $(INTERNAL_LIMIT_WH),--internal-limit-wh $(INTERNAL_LIMIT_WH)) \
	$(if $(EXTERNAL_LIMIT_WH),--external-limit-wh $(EXTERNAL_LIMIT_WH))

define BUILD
cargo build --locked --profile $(PROFILE) --package entente
mkdir -p bin
ln -sfn $(ENTENTE) $(ENTENTE)-job bin/
endef

.PHONY: help demo demo-modicum test chaos verify second-node setup contracts test-alerts test-contracts test-rust \
	snapshots results results-ledger results-matching results-mint results-modicum results-pow results-solidworx bench clean
.NOTPARALLEL:

help:
	@echo "make demo       trade a day of fifteen homes on a local chain"
	@echo "                DATA=offers.csv INTERNAL_LIMIT_WH=... EXTERNAL_LIMIT_WH=... for other data"
	@echo "                PRIVACY=on to trade the day again, without being seen"
	@echo "make demo-modicum  have jobs run by strangers, one of whom cheats, on a local chain"
	@echo "make test       run every check, as CI does"
	@echo "make chaos      trade a day and have jobs done with faults of every kind, and compare them with undisturbed ones"
	@echo "make verify     prove SolidWorx on its bytecode, and read it with Slither, as CI does"
	@echo "make second-node  trade on an Ethereum node of another make than anvil"
	@echo "make contracts  build the contracts"
	@echo "make snapshots  rewrite the gas snapshots under snapshots/"
	@echo "make results    measure again and rewrite RESULTS.md"
	@echo "make results-ledger  measure the simulated ledgers again"
	@echo "make results-matching  measure the matching engine again"
	@echo "make results-mint  measure fair mining again"
	@echo "make results-modicum  play MODiCuM's game and demonstration again, and move a gibibyte through a directory"
	@echo "make results-pow  measure parallel proof of work again"
	@echo "make bench      time engines against baselines"
	@echo "make results-solidworx  solve SolidWorx's case studies again and rewrite RESULTS.md"
	@echo "make clean      remove what was built"

demo: setup contracts
	$(BUILD)
	bin/entente demo transax $(DEMO_OPTIONS)

demo-modicum: setup contracts
	$(BUILD)
	bin/entente demo modicum

test: setup contracts test-alerts test-contracts test-rust

# All of what `make test` does a bounded part of.
chaos: setup contracts
	ENTENTE_CHAOS=full ENTENTE_CHAOS_OUT=$(abspath results/chaos.json) \
		cargo test --locked --package chaos --test chaos
	node script/results.mjs

# Halmos and Slither, from PyPI. After the contracts: what is proved is what ships.
verify: contracts
	$(FORGE) fmt --check tests/proof
	script/verify.sh

# EthereumJS, from npm, 110 MB: not part of the set-up.
second-node: contracts
	$(BUILD)
	npm ci --prefix tests/second-node --omit=optional --no-audit --no-fund
	node tests/second-node/trade.mjs bin/entente

setup:
	@script/setup.sh

# By Prometheus' own promtool; it takes seconds.
test-alerts: setup
	script/test-alerts.sh

# Before anything in Rust: the bindings are generated from out/.
contracts: setup
	$(FORGE) build contracts

# A build lints, too. Not `forge lint`: it marks the tests, which have a compiler profile of their own, as built without
# building them, so that `forge test` would run none and succeed.
test-contracts: contracts
	$(FORGE) fmt --check
	$(FORGE) build
	script/test-contracts.sh

test-rust: contracts
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo test --locked --workspace

snapshots: contracts
	rm -rf snapshots
	FORGE_SNAPSHOT_CHECK=false FORGE_SNAPSHOT_EMIT=true $(FORGE) test --isolate

# Energy is skipped where there is no trace.
results-solidworx: contracts
	$(BUILD)
	rm -rf target/results-solidworx
	bin/entente demo solidworx carpool --out target/results-solidworx/carpool
	bin/entente demo solidworx carpool --block-milliseconds 12000 --out target/results-solidworx/carpool-blocks
	bin/entente demo solidworx food --out target/results-solidworx/food
	if [ -d $(ENTENTE_SHARED)/data/microgrid102 ]; then \
	bin/entente demo solidworx energy --data $(ENTENTE_SHARED)/data/microgrid102/offers.csv \
		--out target/results-solidworx/energy && \
	bin/entente demo solidworx energy --data $(ENTENTE_SHARED)/data/microgrid102/offers_battery.csv \
		--out target/results-solidworx/energy-battery && \
	bin/entente demo solidworx energy --data $(ENTENTE_SHARED)/data/microgrid102/offers.csv --kill-solver-at 8:15 \
		--out target/results-solidworx/energy-failover && \
	bin/entente demo solidworx energy --data $(ENTENTE_SHARED)/data/microgrid102/offers.csv --one-cycle \
		--out target/results-solidworx/energy-one-cycle; \
	else echo "skipped the published traces: $(ENTENTE_SHARED)/data is not there"; fi
	node script/collect-solidworx.mjs target/results-solidworx
	node script/results.mjs

# Published traces are read from ENTENTE_SHARED where it is there; days that cannot be run keep their last figures.
ENTENTE_SHARED ?= ../shared
results: snapshots
	rm -rf target/results
	$(BUILD)
	bin/entente demo transax --out target/results/default
	bin/entente demo transax --privacy --out target/results/unseen
	if [ -d $(ENTENTE_SHARED)/data/fifteen ]; then \
	bin/entente demo transax --data $(ENTENTE_SHARED)/data/fifteen/offers.csv --out target/results/fifteen && \
	bin/entente demo transax --data $(ENTENTE_SHARED)/data/microgrid102/offers.csv \
		--internal-limit-wh 2500000 --external-limit-wh 2000000 --endurance --out target/results/microgrid102; \
	else echo "skipped the published traces: $(ENTENTE_SHARED)/data is not there"; fi
	node script/collect-days.mjs target/results
	$(MAKE) results-mint

# Fair mining: simulated telemetry, processes that hash (where none can be held there is no figure of them), and speed.
MINT := target/results/mint
results-mint: contracts
	$(BUILD)
	bin/entente mint experiment --out $(MINT)
	bin/entente mint experiment --real --out $(MINT)
	cargo bench --locked --package mint-detector --bench speed >$(MINT)/speed.json
	node script/collect-mint.mjs $(MINT)
	node script/results.mjs

# Parallel proof of work: the kernel, what nodes leave of its speed, simulated networks, and processes whose manager is
# killed, which takes ten minutes.
POW := target/results/pow
results-pow: contracts
	$(BUILD)
	mkdir -p $(POW)
	cargo bench --locked --package pow-kernel --bench search >$(POW)/kernel.json
	cargo bench --locked --package pow-node --bench speed >$(POW)/speed.json
	bin/entente pow simulate --blocks 200 --out $(POW) --json >$(POW)/simulation.json
	bin/entente pow demo --mode backups,single --repetitions 20 --nodes 8 --bits 20 --blocks 8 \
		--rate-limit 150000 --out $(POW)/processes --json >$(POW)/processes.json
	node script/collect-pow.mjs $(POW)
	node script/results.mjs

# What moving a gibibyte through a directory takes.
MODICUM := target/results/modicum
results-modicum: contracts
	$(BUILD)
	mkdir -p $(MODICUM)
	cargo run --locked --package modicum-strategy --example study >$(MODICUM)/study.json
	bin/entente demo modicum --out $(MODICUM)/demo
	cargo bench --locked --profile $(PROFILE) --package entente --bench overhead >$(MODICUM)/overhead.json
	ENTENTE_OVERHEAD_MILLIONS=1 ENTENTE_OVERHEAD_RUNS=6 cargo bench --locked --profile $(PROFILE) --package entente \
		--bench overhead >$(MODICUM)/overhead-short.json
	ENTENTE_STREAM_MIB=1024 cargo test --locked --package job-directory --test memory >$(MODICUM)/streaming.json
	node script/collect-modicum.mjs $(MODICUM)
	node script/results.mjs

# Ratios against a baseline in the same run. The solvers of the formulations take minutes.
bench:
	cargo bench --locked --package ledger-simulator --bench simulator
	cargo bench --locked --package mint-detector --bench speed
	cargo bench --locked --package pow-kernel --bench search
	cargo bench --locked --package pow-node --bench speed
	cargo bench --locked --profile dev --package coin-shuffle --bench round
	cargo bench --locked --profile dev --package matching --bench formulations

# Formulations of the matching problem against each other, published instances, and how far it pays to look ahead.
results-matching: contracts
	$(BUILD)
	mkdir -p target/results
	cargo bench --locked --profile dev --package matching --bench formulations >target/results/formulations.json
	node script/collect-matching.mjs target/results/formulations.json $(ENTENTE_SHARED)
	node script/results.mjs

# Figures of simulated ledgers; no contract and no chain takes part.
LEDGER := target/results/ledger
results-ledger: contracts
	$(BUILD)
	mkdir -p $(LEDGER)
	cargo bench --locked --package ledger-simulator --bench simulator > $(LEDGER)/speed.json
	for preset in paper-001-figure-5 paper-001-bigfoot paper-001-figure-6; do \
	bin/entente ledger simulate --preset $$preset --json > $(LEDGER)/$$preset.json || exit 1; done
	bin/entente ledger simulate --preset paper-001-figure-5 --replicas 100 --json > $(LEDGER)/networks.json
	bin/entente ledger reconstruct --preset paper-001-figure-5 --lost 3 --chart results/charts/ledger/networks.svg
	bin/entente ledger sweep --preset paper-001-figure-6 --charts results/charts/ledger/sweep --json \
		> $(LEDGER)/sweep.json
	bin/entente ledger adapt --charts results/charts/ledger/adapt --json > $(LEDGER)/adapt.json
	bin/entente ledger adapt --intervals 400 --json > $(LEDGER)/adapt-longer.json
	node script/collect-ledger.mjs $(LEDGER)
	node script/results.mjs

clean:
	rm -rf out cache broadcast target bin
	cargo clean
