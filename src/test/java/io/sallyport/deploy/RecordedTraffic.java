package io.sallyport.deploy;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.sallyport.telemetry.MetricFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What a gateway exports before and after [MeteredTraffic], recorded once for all tests.
///
/// @param before in the text format
/// @param after likewise
/// @param openMetrics after it
/// @param exported to a collector after it
record RecordedTraffic(
        List<String> before, List<String> after, List<String> openMetrics, ExportMetricsServiceRequest exported) {
    private static final class Once {
        static final RecordedTraffic RECORDED = made();
    }

    static RecordedTraffic recorded() {
        return Once.RECORDED;
    }

    private static RecordedTraffic made() {
        try {
            Path directory = Files.createTempDirectory("sallyport-metered");
            try (MeteredTraffic traffic = new MeteredTraffic(directory)) {
                List<String> before = traffic.scrape(MetricFormat.TEXT);
                traffic.run();
                return new RecordedTraffic(
                        before,
                        traffic.scrape(MetricFormat.TEXT),
                        traffic.scrape(MetricFormat.OPEN_METRICS),
                        traffic.export());
            } finally {
                remove(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
