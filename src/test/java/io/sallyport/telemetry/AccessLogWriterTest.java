package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.format.FormatException;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogSink;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which file gets which lines, and when files are closed.
class AccessLogWriterTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<String> opened = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();
    private final ByteArrayOutputStream usual = new ByteArrayOutputStream();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final AccessLogWriter writer = new AccessLogWriter(new IstioTextFormat(), usual, this::open, nanos::get);

    private OutputStream open(String path) {
        opened.add(path);
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                if (path.contains("full")) {
                    throw new IOException("No space left on device");
                }
                lines.write(b);
            }

            @Override
            public void close() {
                closed.add(path);
            }
        };
    }

    private static RequestFacts by(LogPlan plan) {
        RequestFacts facts = Facts.forwarded();
        facts.log = new LoggedFields(plan);
        return facts;
    }

    private static LogPlan plan(String file) throws FormatException {
        return new LogPlan(List.of(LogSink.of(false, file + " %RESPONSE_CODE%", file)));
    }

    @Test
    void plansThatAlternateKeepTheirFiles() throws FormatException {
        LogPlan first = plan("/a");
        LogPlan second = plan("/b");
        for (int i = 0; i < 2; i++) {
            writer.take(by(first));
            writer.take(by(second));
            writer.take(Facts.forwarded());
        }
        writer.flush();

        assertThat(opened).containsExactly("/a", "/b");
        assertThat(lines.toString().lines().sorted()).containsExactly("/a 200", "/a 200", "/b 200", "/b 200");
        assertThat(usual.toString().lines()).hasSize(2);
    }

    @Test
    void aFileThatGetsNothingIsClosedAfterAMinute() throws FormatException {
        LogPlan former = plan("/a");
        writer.take(by(former));
        writer.flush();
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        writer.take(by(plan("/b")));
        writer.flush();
        assertThat(closed).containsExactly("/a");

        writer.take(by(former));
        writer.flush();
        assertThat(opened).containsExactly("/a", "/b", "/a");
    }

    @Test
    void manyConfigurationsLaterLinesAreStillWritten() throws FormatException {
        for (int i = 0; i < 200; i++) {
            writer.take(by(plan("/a")));
            writer.flush();
        }
        assertThat(opened).containsExactly("/a");
        assertThat(lines.toString().lines()).hasSize(200);
    }

    @Test
    void linesThatCannotBeWrittenAreCountedAndHoldUpNoOthers() throws FormatException {
        LogPlan full = plan("/full");
        writer.take(by(full));
        writer.take(by(plan("/a")));
        writer.flush();
        writer.take(by(full));
        writer.flush();

        assertThat(writer.lost()).isEqualTo(2);
        assertThat(lines.toString()).isEqualTo("/a 200\n");
    }

    @Test
    void aFileThatWasMovedAwayIsMadeAnew(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("access.log");
        try (var out = LogFile.of(file.toString())) {
            out.write("1\n".getBytes());
            Files.move(file, directory.resolve("access.log.1"));
            out.write("2\n".getBytes());
            assertThat(file).hasContent("2");
            assertThat(directory.resolve("access.log.1")).hasContent("1");
        }
    }

    @Test
    void aFileThatWasCopiedAndTruncatedGoesOnAtItsBeginning(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("access.log");
        try (var out = LogFile.of(file.toString())) {
            out.write("1\n".getBytes());
            Files.copy(file, directory.resolve("access.log.1"));
            Files.write(file, new byte[0]);
            out.write("2\n".getBytes());
            assertThat(Files.readAllBytes(file)).isEqualTo("2\n".getBytes());
        }
    }

    @Test
    void aFileIsMadeAsSoonAsItCanBe(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("logs/access.log");
        var real = new AccessLogWriter(new IstioTextFormat(), usual, LogFile::of, nanos::get);
        LogPlan plan = new LogPlan(List.of(LogSink.of(false, "%RESPONSE_CODE%", file.toString())));
        real.take(by(plan));
        real.flush();
        assertThat(real.lost()).isEqualTo(1);

        Files.createDirectory(file.getParent());
        real.take(by(plan));
        real.flush();
        assertThat(file).hasContent("200");

        Files.delete(file);
        Files.createDirectory(file);
        real.take(by(plan));
        real.flush();
        assertThat(real.lost()).isEqualTo(2);
    }

    /// Whoever logs to it next would have lost it.
    @Test
    void closingStandardOutputLeavesItOpen() throws IOException {
        LogFile.of(LogSink.STANDARD_OUTPUT).close();
        try (var out = LogFile.of(LogSink.STANDARD_OUTPUT)) {
            out.write(new byte[0]);
            out.flush();
        }
        assertThat(FileDescriptor.out.valid()).isTrue();
    }
}
