package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Prometheus' own tool reads both formats of a gateway that has met each kind of traffic.
@Timeout(180)
class ExpositionFormatTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void promtoolIsThere() {
        Promtool.assumeThere();
    }

    private Path written(List<String> lines) throws Exception {
        return Files.writeString(directory.resolve("metrics"), String.join("\n", lines) + '\n');
    }

    /// Syntax, and the conventions for names, units and help texts, against which Istio measures in milliseconds.
    @Test
    void nobodyComplainsAboutTheTextFormat() throws Exception {
        List<String> lines = RecordedTraffic.recorded().after().stream()
                .filter(line -> !line.matches("(# \\w+ )?istio_request_duration_milliseconds.*"))
                .toList();

        assertThat(Promtool.run(written(lines), "check", "metrics")).isEmpty();
    }

    /// The tool reads OpenMetrics where it imports samples, which must have timestamps there.
    @Test
    void openMetricsIsReadToItsEnd() throws Exception {
        List<String> lines = RecordedTraffic.recorded().openMetrics();
        List<String> dated = lines.stream()
                .map(line -> line.startsWith("#") ? line : line + " 1777636800.0")
                .toList();
        assertThat(lines.getLast()).isEqualTo("# EOF");

        Promtool.run(
                written(dated),
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                directory.resolve("metrics").toString(),
                directory.resolve("blocks").toString());

        assertThat(directory.resolve("blocks")).isNotEmptyDirectory();
    }

    @Test
    void bothFormatsHaveTheSameSeries() {
        RecordedTraffic recorded = RecordedTraffic.recorded();
        assertThat(Sample.in(recorded.openMetrics()))
                .extracting(Sample::metric, Sample::labels)
                .containsExactlyInAnyOrderElementsOf(Sample.in(recorded.after()).stream()
                        .map(sample -> tuple(sample.metric(), sample.labels()))
                        .toList());
    }
}
