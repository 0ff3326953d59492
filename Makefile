# Each target is one line that a reader can copy; this file only finds a JDK 25 first, because the default java of a
# machine is often older.
JAVA_HOME := $(shell .mvn/find-jdk.sh)
export JAVA_HOME
# Maven's own libraries still use sun.misc.Unsafe, and JDK 25 warns of it at each start. Not in .mvn/jvm.config, where
# an older JDK would stop at the unknown option before Maven can say that it is too old.
export MAVEN_OPTS := $(MAVEN_OPTS) --sun-misc-unsafe-memory-access=allow

MVN := ./mvnw -B
JAR := target/quarkus-app/quarkus-run.jar
# What the native epoll library needs, said so that JDK 25 does not warn of it.
JAVA_FLAGS := --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
# A cache is good for one garbage collector, so it is named.
AOT_FLAGS := -XX:+UseSerialGC $(JAVA_FLAGS)
SOURCES := pom.xml $(shell find src/main -type f)
# Which JMH benchmarks run, as a regular expression on their class names.
BENCH ?= .*
# Such as: rounds=5 loads=small,tls_handshakes peers=nginx,sallyport-jvm
BENCH_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: run test build native native-test aot bench jmh fmt clean help

run: $(JAR) ## start the gateway with sample services in the same process
	"$(JAVA_HOME)/bin/java" $(JAVA_FLAGS) -jar $(JAR) demo

test: jdk ## compile, test and check the formatting
	$(MVN) verify -Pchecks

build: $(JAR) ## package the JVM build

$(JAR): $(SOURCES) | jdk
	$(MVN) -q package -Dmaven.test.skip=true
	@touch $@

native: jdk native-image ## build the native binary; with CONTAINER=1 in a container
	$(MVN) package -Dnative -Dmaven.test.skip=true $(if $(CONTAINER),-Dquarkus.native.container-build=true)

native-test: jdk ## the end-to-end tests on the native binary that `make native` has built
	@ls target/*-runner >/dev/null
	$(MVN) test-compile failsafe:integration-test failsafe:integration-test@program failsafe:verify -Dnative

aot: jdk ## package the JVM build with a cache for quicker starts: java -XX:AOTCache=target/quarkus-app/app.aot
	$(MVN) -q package -Dmaven.test.skip=true -Dquarkus.package.jar.type=aot-jar
	@touch $(JAR)
	JDK_JAVA_OPTIONS="$(AOT_FLAGS)" src/main/docker/train-aot.sh target/quarkus-app

bench: $(JAR) ## the gateway beside nginx, HAProxy and Spring Cloud Gateway: loadtest/results/bench.md
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
