# Sundial: AWS IoT Core on your own machine. `make help` lists what can be asked for.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
DESTDIR ?=

# Flags that make the release binary fast and self-contained. They stand here and not in Package.swift, so that the
# libraries stay usable as dependencies.
RELEASE := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
SUNDIAL := .build/release/sundial
VENV := .build/venv
REQUIREMENTS := Tests/EndToEndTests/Clients/requirements.txt

BUILD_PACKAGES := libssl-dev libsqlite3-dev pkg-config
PYTHON_PACKAGES = $(if $(shell python3 -c 'import ensurepip, venv' 2>/dev/null && echo yes),,python3 python3-venv)
TEST_PACKAGES = mosquitto mosquitto-clients node-mqtt node-lru-cache esbuild node-buffer node-process node-url node-util \
    chromium libnss3-tools fonts-dejavu-core $(if $(shell command -v node),,nodejs) $(PYTHON_PACKAGES)
BENCH_PACKAGES = mosquitto $(PYTHON_PACKAGES)
BENCH_VENV := .build/bench-venv
BENCH_REQUIREMENTS := Sources/Bench/requirements.txt
# For example BENCH_FLAGS="--scenario pairs-q0 --seconds 1".
BENCH_FLAGS ?=

CRASH_ROUNDS ?= 200

.PHONY: help swift build run demo test crash test-clients lint bench dist install clean

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

swift:
	@command -v swift >/dev/null || { echo 'Swift 6.3 or newer is needed: https://www.swift.org/install/linux/' >&2; exit 1; }
	@.ci/packages $(BUILD_PACKAGES)

build: swift ## the release binary, .build/release/sundial
	@swift build $(RELEASE) --product sundial

run: build ## build, then serve on 1883, 8883, 8080 and 8443 of this machine
	@exec $(SUNDIAL) serve

demo: build ## two shadows, one second apart, over signed WSS; ends well only if the order held
	@.ci/demo $(SUNDIAL)

test: swift test-clients ## everything, with the real clients; the logs go to .build
	@.ci/test

crash: swift ## 200 rounds of: write, kill -9, start again, nothing acknowledged is lost
	@swift build --build-tests >.build/build.log 2>&1 || { tail -n 30 .build/build.log; exit 1; }
	@SUNDIAL_CRASH_ROUNDS=$(CRASH_ROUNDS) swift test --skip-build --disable-xctest --filter CrashTests 2>&1 | tail -n 3

test-clients:
	@.ci/packages $(TEST_PACKAGES)
	@$(MAKE) $(VENV)/installed

$(VENV)/installed: $(REQUIREMENTS)
$(BENCH_VENV)/installed: $(BENCH_REQUIREMENTS)
%/installed:
	@rm -rf $*
	@python3 -m venv $*
	@$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

lint: ## the formatter's opinion of every Swift file
	@swift format lint --strict -r Sources Tests Package.swift

bench: swift ## messages and shadow updates per second and CPU for each, beside Debian's mosquitto and moto
	@.ci/packages $(BENCH_PACKAGES)
	@$(MAKE) $(BENCH_VENV)/installed
	@swift build $(RELEASE) --product sundial
	@swift build $(RELEASE) --product Bench
	@.build/release/Bench compare --sundial $(SUNDIAL) --moto-python $(BENCH_VENV)/bin/python $(BENCH_FLAGS)

dist: build ## dist/sundial-VERSION-linux-ARCHITECTURE.tar.gz
	@version=$$($(SUNDIAL) --version | awk '{ print $$NF }'); \
	name=sundial-$$version-linux-$$(uname -m); \
	rm -rf dist/$$name && mkdir -p dist/$$name/bin; \
	cp $(SUNDIAL) dist/$$name/bin/ && strip dist/$$name/bin/sundial; \
	cp README.md LICENSE dist/$$name/; \
	tar -C dist --owner=0 --group=0 -czf dist/$$name.tar.gz $$name; \
	rm -rf dist/$$name; \
	echo dist/$$name.tar.gz

install: build ## into PREFIX (/usr/local), DESTDIR is honoured
	@install -D -m 755 $(SUNDIAL) $(DESTDIR)$(PREFIX)/bin/sundial
	@echo $(DESTDIR)$(PREFIX)/bin/sundial

clean: ## remove what was built
	@rm -rf .build dist
