package io.sallyport.deploy;

import static org.awaitility.Awaitility.await;

import io.sallyport.cli.MetricsProcess;
import io.sallyport.telemetry.MetricFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// [MetricsProcess], and the way to ask it.
final class MeteredGateway implements AutoCloseable {
    private final Process process;
    private final Path scraped;
    private final BufferedReader output;
    private final OutputStream input;

    private MeteredGateway(Process process, Path scraped) {
        this.process = process;
        this.scraped = scraped;
        output = process.inputReader(StandardCharsets.UTF_8);
        input = process.getOutputStream();
    }

    /// Returns when it serves.
    ///
    /// @param settings by key, `sallyport.config.dir`
    static MeteredGateway start(Map<String, String> settings, Path log) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MetricsProcess.class.getName()));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        try {
            await().atMost(60, TimeUnit.SECONDS).until(() -> !process.isAlive() || serves(log));
            if (!process.isAlive()) {
                throw new AssertionError(Files.readString(log));
            }
            return new MeteredGateway(process, log.resolveSibling("scraped"));
        } catch (RuntimeException | IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static boolean serves(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.anyMatch(line -> line.contains("listening on"));
        }
    }

    /// The lines of a scrape.
    List<String> scrape(MetricFormat format) throws IOException {
        input.write((format + " " + scraped + '\n').getBytes(StandardCharsets.UTF_8));
        input.flush();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.endsWith(MetricsProcess.WRITTEN)) {
                return Files.readAllLines(scraped);
            }
        }
        throw new AssertionError("it has ended");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
