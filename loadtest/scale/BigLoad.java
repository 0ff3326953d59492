package scale;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Loads many VirtualServices: in a fresh process, and again beside requests.
final class BigLoad {
    private static final int CHANGES_A_ROUND = 10;
    private static final long QUIET_MILLIS = 2_000;

    /// @param validateMillis of `validate`, start of the process included
    /// @param loadMillis from reading to the compiled snapshot, in a fresh process, as it says itself
    /// @param reloadMillis the same after a change of one file, when it is warm
    /// @param applyMillis from the compiled snapshot until it is in force, after a change
    /// @param quiet requests while nothing changes
    /// @param changing requests while one change follows another
    record Result(
            int services,
            double validateMillis,
            double loadMillis,
            double reloadMillis,
            double applyMillis,
            Times quiet,
            Times changing) {}

    private BigLoad() {}

    static Result run(Candidate candidate, Site site, int services, int rounds)
            throws IOException, InterruptedException {
        Path directory = site.directory("load");
        site.addServices(directory, services);
        double[] validate = new double[rounds];
        double[] load = new double[rounds];
        List<Double> reload = new ArrayList<>();
        List<Double> apply = new ArrayList<>();
        Times quiet = new Times();
        Times changing = new Times();
        for (int round = 0; round < rounds; round++) {
            validate[round] = validate(candidate, directory);
            try (RunningGateway gateway = RunningGateway.start(candidate, directory)) {
                load[round] = gateway.reloadMillis("compile");
                if (round == rounds - 1) {
                    change(site, directory, gateway, reload, apply, quiet, changing);
                }
            }
        }
        return new Result(
                services, median(validate), median(load), median(reload), median(apply), quiet, changing);
    }

    private static double validate(Candidate candidate, Path directory) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(candidate.command());
        command.addAll(List.of("validate", directory.toString()));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void change(
            Site site,
            Path directory,
            RunningGateway gateway,
            List<Double> reload,
            List<Double> apply,
            Times quiet,
            Times changing)
            throws IOException, InterruptedException {
        try (PacedTraffic traffic = new PacedTraffic(gateway);
                Connection connection = new Connection(gateway.connect())) {
            Thread.sleep(QUIET_MILLIS);
            for (int change = 0; change < 2 * CHANGES_A_ROUND; change++) {
                boolean counts = change >= CHANGES_A_ROUND;
                if (change == CHANGES_A_ROUND) {
                    traffic.take();
                    Thread.sleep(QUIET_MILLIS);
                    quiet.addAll(traffic.take());
                }
                String host = "change" + change + ".example";
                site.put(directory, "change", host);
                while (connection.get(host) != 200) {
                    Thread.sleep(1);
                }
                if (counts) {
                    reload.add(gateway.reloadMillis("compile"));
                    apply.add(gateway.reloadMillis("apply"));
                }
            }
            changing.addAll(traffic.take());
        }
    }

    static double median(List<Double> values) {
        return median(values.stream().mapToDouble(value -> value).toArray());
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
