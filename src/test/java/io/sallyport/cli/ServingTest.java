package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Real signals to a real process.
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class ServingTest {
    private static final int SIGTERM = 15;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private Process process;
    private Thread reader;

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    @Test
    void theFirstSignalDrainsAndTheProcessEndsWell() throws Exception {
        start("quick", "5s");
        awaitLine("listening on");
        stop();

        assertThat(exitCode()).isZero();
        assertThat(lines)
                .anyMatch(line -> line.matches(
                        "sallyport \\S+: generation 1, listening on 0\\.0\\.0\\.0:8080, 0\\.0\\.0\\.0:8443;"
                                + " admin on 127\\.0\\.0\\.1:\\d+; started in \\d+ ms"))
                .containsSubsequence(
                        "start while STARTING",
                        "drain 4s while DRAINING",
                        "drained while DRAINING",
                        "finish while DRAINING",
                        "close while DRAINING");
    }

    /// Who is used to other servers sends it to have files read.
    @Test
    void aHangupWithoutATerminalDoesNothing() throws Exception {
        start("quick", "5s");
        awaitLine("listening on");
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
        awaitLine("SIGHUP does nothing");
        assertThat(lines).noneMatch(line -> line.startsWith("drain"));
        stop();

        assertThat(exitCode()).isZero();
        assertThat(lines).contains("drain 4s while DRAINING");
    }

    @Test
    void theSecondSignalEndsItAtOnce() throws Exception {
        start("stuck", "60s");
        awaitLine("listening on");
        stop();
        awaitLine("drain 48s while DRAINING");
        stop();

        assertThat(exitCode()).isEqualTo(128 + SIGTERM);
        assertThat(lines).noneMatch(line -> line.startsWith("close"));
    }

    @Test
    void aDrainThatNeverEndsDoesNotKeepTheProcess() throws Exception {
        start("stuck", "1s");
        awaitLine("listening on");
        long before = System.nanoTime();
        stop();

        assertThat(exitCode()).isEqualTo(1);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before)).isBetween(5L, 20L);
    }

    @Test
    void aDrainBegunByHandIsNotBegunAgain() throws Exception {
        start("slow", "5s");
        String line = awaitLine("listening on");
        String port = line.replaceAll(".*admin on 127\\.0\\.0\\.1:(\\d+);.*", "$1");
        assertThat(ask(port, "POST")).startsWith("202 ");
        awaitLine("drained while DRAINING");
        assertThat(process.isAlive())
                .as("a preStop hook drains long before the signal")
                .isTrue();
        stop();

        assertThat(exitCode()).isZero();
        assertThat(lines).filteredOn(drained -> drained.startsWith("drain 4s")).hasSize(1);
        assertThat(lines).as("who came since").containsSubsequence("finish while DRAINING", "close while DRAINING");
    }

    @Test
    void aDrainIsTakenBackUntilTheSignalToStop() throws Exception {
        start("undone", "4s");
        String port = awaitLine("listening on").replaceAll(".*admin on 127\\.0\\.0\\.1:(\\d+);.*", "$1");
        assertThat(ask(port, "DELETE")).isEqualTo("200 {\"state\":\"serving\"}");
        for (int i = 1; i <= 2; i++) {
            assertThat(ask(port, "POST")).isEqualTo("202 {\"state\":\"draining\"}");
            assertThat(ask(port, "DELETE")).isEqualTo("200 {\"state\":\"serving\"}");
            int times = i;
            await().until(() ->
                    lines.stream().filter("resume while DRAINING"::equals).count() == times);
        }
        stop();
        awaitLines("drain 3s while DRAINING", 3);
        assertThat(ask(port, "DELETE")).startsWith("409 ").contains("the process is stopping");

        assertThat(exitCode()).isZero();
        assertThat(lines).endsWith("close while DRAINING");
    }

    private static String ask(String port, String method) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/drain"))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            var response = client.send(request, BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }

    private void awaitLines(String line, int times) {
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> lines.stream().filter(line::equals).count() == times);
    }

    @Test
    void aConfigurationThatCannotBeServedEndsTheStartWithEveryProblem() throws Exception {
        start("refused", "5s");

        assertThat(exitCode()).isEqualTo(1);
        assertThat(lines)
                .contains("a.yaml:1:1: one problem", "b.yaml:2:2: another problem", "close while STARTING")
                .noneMatch(line -> line.contains("listening on"));
    }

    private void start(String drain, String grace) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dsallyport.drain.delay=0s",
                "-Dsallyport.drain.grace=" + grace));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ServingProcess.class.getName(), drain));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        reader = Thread.ofVirtual().start(this::read);
    }

    /// SIGTERM; [Process#destroy] would close the streams as well.
    private void stop() {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    private void read() {
        try (var output = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add(e.toString());
        }
    }

    private String awaitLine(String part) {
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> !process.isAlive() || lines.stream().anyMatch(line -> line.contains(part)));
        return lines.stream()
                .filter(line -> line.contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError(lines));
    }

    private int exitCode() throws InterruptedException {
        int code = process.waitFor();
        reader.join();
        return code;
    }
}
