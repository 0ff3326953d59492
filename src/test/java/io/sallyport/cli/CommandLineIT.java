package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.BuiltProgram;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the built program says for itself: its help, its first lines, and why it does not start.
@Timeout(180)
class CommandLineIT {
    static final String EDGE = "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: edge},"
            + " spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}}";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"serve DIR", "DIR", "-"})
    void theDirectoryIsAnArgumentOrASetting(String spelling) throws Exception {
        Files.writeString(directory.resolve("edge.yaml"), EDGE);
        int port = BuiltProgram.freePort();
        String[] arguments = spelling.equals("-")
                ? new String[0]
                : spelling.replace("DIR", directory.toString()).split(" ");
        Path other = Files.createDirectories(directory.resolve("other"));
        var environment = Map.of(
                "SALLYPORT_CONFIG_DIR", (arguments.length == 0 ? directory : other).toString(),
                "SALLYPORT_PORT_MAP_80", Integer.toString(port),
                "SALLYPORT_DRAIN_DELAY", "0s");
        try (BuiltProgram program = BuiltProgram.start(environment, arguments)) {
            program.awaitStart();
            program.terminate();

            assertThat(program.exitCode()).isZero();
            assertThat(program.out).isEmpty();
            assertThat(program.err.getFirst())
                    .matches("sallyport \\S+: generation 1, listening on 0\\.0\\.0\\.0:" + port
                            + "; admin on 127\\.0\\.0\\.1:" + program.adminPort + "; started in \\d+ ms");
            assertThat(program.err)
                    .noneMatch(line -> line.contains("WARNING"))
                    .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("quarkus"))
                    .noneMatch(line -> line.contains("Installed features"))
                    .noneMatch(line -> line.contains("Profile prod"));
        }
    }

    @Test
    void aHealthPortInUseIsReportedWithItsRemedy() throws Exception {
        try (var taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            var environment = Map.of("SALLYPORT_HEALTH_PORT", port);
            try (BuiltProgram program = BuiltProgram.start(environment, directory.toString())) {
                assertThat(program.exitCode()).isEqualTo(1);
                assertThat(program.err)
                        .containsExactly("sallyport.health.port=" + port
                                + ": the port is in use by another process; stop that process ('ss -ltnp' lists who listens),"
                                + " or set SALLYPORT_HEALTH_PORT to a free port");
            }
        }
    }

    @Test
    void anAdminPortInUseIsReportedWithItsRemedy() throws Exception {
        try (var taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            var environment = Map.of("SALLYPORT_ADMIN_PORT", port);
            try (BuiltProgram program = BuiltProgram.start(environment, directory.toString())) {
                assertThat(program.exitCode()).isEqualTo(1);
                assertThat(program.err)
                        .containsExactly("sallyport.admin.port=" + port
                                + ": the port is in use by another process; stop that process ('ss -ltnp' lists who listens),"
                                + " or set SALLYPORT_ADMIN_PORT to a free port");
            }
        }
    }

    @Test
    void aMissingDirectoryIsReported() throws Exception {
        String missing = directory.resolve("missing").toString();
        try (BuiltProgram program = BuiltProgram.start(Map.of(), missing)) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.err).anyMatch(line -> line.contains(missing)).hasSizeLessThan(3);
        }
    }

    @Test
    void helpNamesTheDirectoryItsDefaultAndTheVariables() throws Exception {
        for (List<String> command : List.of(List.of("--help"), List.of("serve", "--help"))) {
            try (BuiltProgram program = BuiltProgram.start(Map.of(), command.toArray(String[]::new))) {
                assertThat(program.exitCode()).isZero();
                assertThat(program.err).isEmpty();
                assertThat(String.join("\n", program.out))
                        .contains("DIR", "/etc/sallyport/config", "sallyport.config.dir", "SALLYPORT_CONFIG_DIR");
            }
        }
    }
}
