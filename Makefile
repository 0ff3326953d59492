# Each target is one line that a reader can copy; this file only finds a JDK 25 first, because the default java of a
# machine is often older.
JAVA_HOME := $(shell .mvn/find-jdk.sh)
export JAVA_HOME
# Maven's own libraries still use sun.misc.Unsafe, and JDK 25 warns of it at each start. Not in .mvn/jvm.config, where
# an older JDK would stop at the unknown option before Maven can say that it is too old.
export MAVEN_OPTS := $(MAVEN_OPTS) --sun-misc-unsafe-memory-access=allow

MVN := ./mvnw -B
# The launcher. It is packaged last, so it is as new as all else.
SALLYPORT := target/sallyport
# The launcher's own, and its collector: a cache is good for one.
AOT_FLAGS := -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
SOURCES := pom.xml .mvn/find-jdk.sh $(shell find src/main -type f)
# Which JMH benchmarks run, as a regular expression on their class names.
BENCH ?= .*
# Such as: rounds=5 loads=small,tls_handshakes peers=nginx,sallyport-jvm
BENCH_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: run test build native native-test aot bench jmh fmt clean help

run: $(SALLYPORT) ## start the gateway with sample services in the same process
	@echo "Starting the demo; its first lines take a few seconds."
	@exec $(SALLYPORT) demo

test: jdk ## compile, test and check the formatting
	$(MVN) verify -Pchecks

build: $(SALLYPORT) ## package the JVM build: target/sallyport

$(SALLYPORT): $(SOURCES) | jdk
	@echo "Building target/sallyport. A minute or two, longer the first time: Maven downloads its dependencies."
	@$(MVN) -q package -Dmaven.test.skip=true
	@touch $@

native: jdk native-image ## build the native binary; with CONTAINER=1 in a container
	$(MVN) package -Dnative -Dmaven.test.skip=true $(if $(CONTAINER),-Dquarkus.native.container-build=true)

native-test: jdk ## the end-to-end tests on the native binary that `make native` has built
	@ls target/*-runner >/dev/null
	$(MVN) test-compile failsafe:integration-test failsafe:integration-test@program failsafe:verify -Dnative

aot: jdk ## package the JVM build with a cache for quicker starts, which target/sallyport then uses
	$(MVN) -q package -Dmaven.test.skip=true -Dquarkus.package.jar.type=aot-jar
	@touch $(SALLYPORT)
	JDK_JAVA_OPTIONS="$(AOT_FLAGS)" src/main/docker/train-aot.sh target/quarkus-app

bench: $(SALLYPORT) ## the gateway beside nginx, HAProxy and Spring Cloud Gateway: loadtest/results/bench.md
	loadtest/bench.sh $(BENCH_OPTIONS)

jmh: jdk ## run the JMH benchmarks; BENCH=Name picks some
	$(MVN) -q test-compile exec:exec@bench -Dbench='$(BENCH)'

fmt: jdk ## format the sources
	$(MVN) -q spotless:apply

clean: ## remove what was built
	rm -rf target

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

.PHONY: native-image
native-image:
	@$(if $(CONTAINER),true,.mvn/find-native-image.sh)

# find-jdk.sh has said what to do by now.
.PHONY: jdk
jdk:
	@test -n "$(JAVA_HOME)"
