package io.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// h2spec 2.2, the conformance suite for HTTP/2 servers, as the Maven plugin of that name carries it.
public final class H2Spec {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final Pattern SUMMARY =
            Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");
    private static final int TAR_BLOCK = 512;
    private static final int PATIENCE_SECONDS = 240;

    public record Result(int tests, int passed, int failed, String output) {}

    private H2Spec() {}

    /// Runs it against a server on the loopback. Skips the test on machines that the program is not for.
    public static Result run(Path directory, int port, String... options) throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "the binary is for Linux");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the binary is for x86-64");
        Path log = directory.resolve("log");
        List<String> command =
                new ArrayList<>(List.of(extract(directory).toString(), "-h", "127.0.0.1", "-p", "" + port, "-o", "2"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log);
        Matcher summary = SUMMARY.matcher(output);
        assertThat(summary.find()).as(output).isTrue();
        return new Result(
                Integer.parseInt(summary.group(1)),
                Integer.parseInt(summary.group(2)),
                Integer.parseInt(summary.group(4)),
                output);
    }

    /// Takes the program out of the archive: the one regular file of a tar file.
    private static Path extract(Path directory) throws IOException {
        try (InputStream resource = H2Spec.class.getResourceAsStream(ARCHIVE);
                DataInputStream tar = new DataInputStream(new GZIPInputStream(resource))) {
            byte[] header = new byte[TAR_BLOCK];
            while (true) {
                tar.readFully(header);
                String name = new String(header, 0, 100, StandardCharsets.US_ASCII).trim();
                long size = Long.parseLong(new String(header, 124, 11, StandardCharsets.US_ASCII).trim(), 8);
                if (name.endsWith("h2spec")) {
                    Path binary = directory.resolve("h2spec");
                    Files.write(binary, tar.readNBytes((int) size));
                    assertThat(binary.toFile().setExecutable(true)).isTrue();
                    return binary;
                }
                tar.skipNBytes((size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
            }
        }
    }
}
