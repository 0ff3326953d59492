package io.sallyport.testing;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// The built program as a process: the native binary where there is one, else the jar.
public final class BuiltProgram implements AutoCloseable {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    public final List<String> out = new CopyOnWriteArrayList<>();
    public final List<String> err = new CopyOnWriteArrayList<>();
    public final int healthPort;
    public final int adminPort;
    private final Process process;
    private final List<Thread> readers;

    /// @param read whether somebody reads what the program writes; if not, both streams are one pipe
    private BuiltProgram(List<String> program, List<String> arguments, Map<String, String> environment, boolean read)
            throws IOException {
        healthPort = port(environment, "SALLYPORT_HEALTH_PORT");
        adminPort = port(environment, "SALLYPORT_ADMIN_PORT");
        var command = new ArrayList<>(program);
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_"));
        builder.environment().put("SALLYPORT_HEALTH_PORT", Integer.toString(healthPort));
        builder.environment().put("SALLYPORT_ADMIN_PORT", Integer.toString(adminPort));
        builder.environment().putAll(environment);
        process = builder.redirectErrorStream(!read).start();
        readers = read
                ? List.of(reader(process.getInputStream(), out), reader(process.getErrorStream(), err))
                : List.of();
    }

    public static BuiltProgram start(Map<String, String> environment, String... arguments) throws IOException {
        return startWith(program(), environment, arguments);
    }

    /// @param program the command that starts the program, in place of the native binary or the jar
    public static BuiltProgram startWith(List<String> program, Map<String, String> environment, String... arguments)
            throws IOException {
        return new BuiltProgram(program, List.of(arguments), environment, true);
    }

    /// With standard output and standard error on one pipe that nobody reads.
    public static BuiltProgram startUnread(Map<String, String> environment, String... arguments) throws IOException {
        return new BuiltProgram(program(), List.of(arguments), environment, false);
    }

    private static int port(Map<String, String> environment, String name) {
        String chosen = environment.get(name);
        return chosen == null ? freePort() : Integer.parseInt(chosen);
    }

    /// Whether the program is the native binary.
    public static boolean isNative() {
        return Files.isExecutable(binary());
    }

    private static Path binary() {
        return Path.of(System.getProperty("native.image.path", "target/none"));
    }

    private static List<String> program() {
        // A JVM's first compiler alone is at its best sooner than a test ends.
        return isNative()
                ? List.of(binary().toString())
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-jar",
                        JAR.toString());
    }

    public static int freePort() {
        return FreePort.number();
    }

    private static Thread reader(InputStream stream, List<String> lines) {
        return Thread.ofVirtual().start(() -> {
            try (var reader = new BufferedReader(new InputStreamReader(stream))) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add(e.toString());
            }
        });
    }

    /// Waits for the first line, which says what is served.
    public String awaitStart() {
        return awaitLine(err, "listening on");
    }

    public String awaitLine(List<String> lines, String part) {
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> !process.isAlive() || lines.stream().anyMatch(line -> line.contains(part)));
        return lines.stream()
                .filter(line -> line.contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line with \"" + part + "\": " + err + out));
    }

    /// SIGTERM.
    public void terminate() {
        process.toHandle().destroy();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public int exitCode() throws InterruptedException {
        int code = process.waitFor();
        for (Thread reader : readers) {
            reader.join();
        }
        return code;
    }

    /// The status line and what follows it.
    public String health(String path) throws IOException {
        return get(healthPort, path);
    }

    public String admin(String path) throws IOException {
        return get(adminPort, path);
    }

    private static String get(int port, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        return withoutChunks(RawClient.exchange(port, request));
    }

    /// The boundaries of chunks fall anywhere in the text.
    private static String withoutChunks(String response) {
        int body = response.indexOf("\r\n\r\n") + 4;
        if (!response.substring(0, body).toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return response;
        }
        StringBuilder whole = new StringBuilder(response.substring(0, body));
        int at = body;
        while (at < response.length()) {
            int data = response.indexOf("\r\n", at) + 2;
            int size = Integer.parseInt(response.substring(at, data - 2), 16);
            whole.append(response, data, data + size);
            at = data + size + 2;
        }
        return whole.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
