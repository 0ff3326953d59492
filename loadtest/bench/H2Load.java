package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// HTTP/2, and HTTP/1.1 at a fixed rate.
final class H2Load {
    private static final int CONNECTIONS = 8;
    private static final int STREAMS = 16;
    private static final Pattern REQUESTS =
            Pattern.compile("requests: (\\d+) total, .* (\\d+) failed, (\\d+) errored, (\\d+) timeout");
    private static final Pattern STATUS = Pattern.compile("status codes: (\\d+) 2xx");

    private H2Load() {}

    static Outcome saturate(String url, String host, int seconds) throws IOException, InterruptedException {
        return run(seconds, host, url, List.of("-D", "" + seconds, "-m", "" + STREAMS));
    }

    /// HTTP/1.1 requests at so many per second, evenly over the connections.
    static Outcome paced(String url, String host, int seconds, double perSecond)
            throws IOException, InterruptedException {
        long rate = Math.max(1, Math.round(perSecond / CONNECTIONS));
        // By count: with a duration and a rate h2load 1.52 does not end.
        String count = "" + rate * CONNECTIONS * seconds;
        return run(seconds, host, url, List.of("-n", count, "--h1", "--rps", "" + rate));
    }

    private static Outcome run(int seconds, String host, String url, List<String> arguments)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("h2load", ".tsv");
        try {
            Files.delete(log);
            List<String> command = new ArrayList<>(List.of("h2load", "-t", "1", "-c", "" + CONNECTIONS));
            command.addAll(arguments);
            command.addAll(List.of("--log-file=" + log, "-H", ":authority: " + host, url));
            String said = Tool.output(Tool.start(command));
            Matcher status = STATUS.matcher(said);
            Matcher requests = REQUESTS.matcher(said);
            if (!status.find() || !requests.find()) {
                throw new IOException("h2load said: " + said);
            }
            long good = Long.parseLong(status.group(1));
            long bad = Long.parseLong(requests.group(2));
            double[] millis = latencies(log);
            return new Outcome(good, seconds, Figures.percentile(millis, 50), Figures.percentile(millis, 99), bad);
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /// The log's third column: microseconds of each request.
    private static double[] latencies(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.mapToDouble(line -> Double.parseDouble(line.split("\t")[2]) / 1e3).toArray();
        }
    }
}
