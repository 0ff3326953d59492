package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sallyport.testing.BuiltProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `target/sallyport`, the script that starts the jar.
@Timeout(180)
class LauncherIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path LAUNCHER = TARGET.resolve("sallyport");

    @TempDir
    Path directory;

    private record Result(int exit, String output) {}

    @BeforeEach
    void isBuilt() {
        assumeTrue(Files.isExecutable(LAUNCHER), "a native build has no launcher");
    }

    @Test
    void itRunsThroughLinksFromAnyDirectoryAndWithSpacesInPaths() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("my bin"));
        Files.createSymbolicLink(bin.resolve("built here"), TARGET);
        Files.createSymbolicLink(bin.resolve("absolute"), bin.resolve("built here/sallyport"));
        Files.createSymbolicLink(bin.resolve("relative"), Path.of("absolute"));
        Path configuration = Files.createDirectories(directory.resolve("my config"));
        Files.writeString(configuration.resolve("edge.yaml"), CommandLineIT.EDGE);

        assertThat(run(configuration, Map.of(), bin.resolve("relative").toString(), "validate", "../my config"))
                .satisfies(result -> assertThat(result.output()).contains("0 errors"))
                .returns(0, Result::exit);
    }

    @Test
    void optionsOfTheJvmMayStandAnywhere() throws Exception {
        Path configuration = Files.createDirectories(directory.resolve("of two words here"));
        Files.writeString(configuration.resolve("edge.yaml"), CommandLineIT.EDGE);

        assertThat(run(
                        directory,
                        Map.of(),
                        LAUNCHER.toString(),
                        "validate",
                        "-Xmx64m",
                        "-Dsallyport.config.dir=" + configuration,
                        "-XX:+UseSerialGC"))
                .satisfies(result -> assertThat(result.output()).contains("0 errors"))
                .returns(0, Result::exit);
        assertThat(run(directory, Map.of(), LAUNCHER.toString(), "-XX:NoSuchOption=1", "--version")
                        .output())
                .contains("NoSuchOption");
    }

    @Test
    void withoutAJdkItSaysHowToGetOne() throws Exception {
        Path app = Files.createDirectories(directory.resolve("quarkus-app"));
        Files.createFile(app.resolve("quarkus-run.jar"));
        // One that looks where there is none, whatever this machine has.
        Files.writeString(
                app.resolve("find-jdk.sh"),
                Files.readString(TARGET.resolve("quarkus-app/find-jdk.sh"))
                        .replace("/usr/lib/jvm/*", "/none/*")
                        .replace("/Library/", "/none/"));
        Files.copy(LAUNCHER, directory.resolve("sallyport"));
        Path older = Files.createDirectories(directory.resolve("jdk-21/bin"));
        Files.writeString(older.resolve("java"), "#!/bin/sh\nexit 9\n");
        assertThat(older.resolve("java").toFile().setExecutable(true)).isTrue();
        Files.writeString(older.resolveSibling("release"), "JAVA_VERSION=\"21.0.2\"\n");

        Result result = run(
                directory,
                Map.of(
                        "JAVA_HOME", older.getParent().toString(),
                        "HOME", directory.toString(),
                        "PATH", tools().toString()),
                "/bin/sh",
                "sallyport",
                "--version");

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output())
                .startsWith("Sallyport needs a JDK 25 or newer")
                .contains("apt-get install", "sdk install", "brew install", "JAVA_HOME");
    }

    @Test
    void withoutTheJarItSaysHowToBuildIt() throws Exception {
        Files.copy(LAUNCHER, directory.resolve("sallyport"));

        Result result = run(directory, Map.of(), "./sallyport");

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output()).contains("quarkus-app/quarkus-run.jar", "make build");
    }

    @Test
    void aSignalReachesTheGatewayAndStandardErrorHoldsItsOwnLinesAlone() throws Exception {
        Path configuration = Files.createDirectories(directory.resolve("edge"));
        Files.writeString(configuration.resolve("edge.yaml"), CommandLineIT.EDGE);
        String port = Integer.toString(BuiltProgram.freePort());
        try (BuiltProgram program = BuiltProgram.startWith(
                List.of(LAUNCHER.toString()),
                Map.of("SALLYPORT_DRAIN_DELAY", "0s", "SALLYPORT_PORT_MAP_80", port),
                configuration.toString())) {
            program.awaitStart();
            program.terminate();

            assertThat(program.exitCode()).isZero();
            assertThat(program.err.getFirst())
                    .matches("sallyport \\S+: generation 1, listening on 0\\.0\\.0\\.0:" + port + "; .*");
        }
    }

    /// A directory with what the scripts call, and no java.
    private Path tools() throws IOException {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        for (String tool : List.of("sh", "dirname", "readlink", "sed", "cat")) {
            for (String place : List.of("/usr/bin", "/bin")) {
                Path found = Path.of(place, tool);
                if (Files.exists(found)) {
                    Files.createSymbolicLink(tools.resolve(tool), found);
                    break;
                }
            }
        }
        return tools;
    }

    private static Result run(Path workingDirectory, Map<String, String> environment, String... command)
            throws Exception {
        var builder = new ProcessBuilder(new ArrayList<>(List.of(command))).directory(workingDirectory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
