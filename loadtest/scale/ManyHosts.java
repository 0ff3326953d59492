package scale;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a request costs among few hosts and among many: two gateways at once, in turns.
final class ManyHosts {
    private static final int FEW = 10;
    private static final int CONNECTIONS = 16;

    /// @param fewMicros CPU a request, median of the rounds
    /// @param ratio median of the rounds' ratios, many over few
    record Result(
            int few, int many, double fewMicros, double manyMicros, double ratio, double fewMegabytes, double manyMegabytes) {}

    private ManyHosts() {}

    static Result run(Candidate candidate, Site site, Options options) throws IOException, InterruptedException {
        Path few = site.directory("few");
        site.addServices(few, FEW);
        Path many = site.directory("many");
        site.addServices(many, options.hosts());
        try (RunningGateway small = RunningGateway.start(candidate, few);
                RunningGateway large = RunningGateway.start(candidate, many)) {
            // The first round warms up.
            micros(small, FEW, options.seconds());
            micros(large, options.hosts(), options.seconds());
            List<Double> ofSmall = new ArrayList<>();
            List<Double> ofLarge = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < options.rounds(); round++) {
                ofSmall.add(micros(small, FEW, options.seconds()));
                ofLarge.add(micros(large, options.hosts(), options.seconds()));
                ratios.add(ofLarge.getLast() / ofSmall.getLast());
            }
            return new Result(
                    FEW,
                    options.hosts(),
                    BigLoad.median(ofSmall),
                    BigLoad.median(ofLarge),
                    BigLoad.median(ratios),
                    small.residentMegabytes(),
                    large.residentMegabytes());
        }
    }

    /// CPU of the gateway a request, in microseconds, as many as can be had on the connections.
    private static double micros(RunningGateway gateway, int hosts, int seconds)
            throws IOException, InterruptedException {
        double before = gateway.cpuSeconds();
        Process wrk = new ProcessBuilder(
                        "wrk", "-t", "1", "-c", "" + CONNECTIONS, "-d", seconds + "s",
                        "-s", Path.of("loadtest", "scale", "hosts.lua").toString(),
                        "http://127.0.0.1:" + gateway.port() + "/", "--", "" + hosts)
                .redirectErrorStream(true)
                .start();
        String said = new String(wrk.getInputStream().readAllBytes());
        wrk.waitFor();
        double spent = gateway.cpuSeconds() - before;
        String[] done = said.lines()
                .filter(line -> line.startsWith("DONE "))
                .findFirst()
                .orElseThrow(() -> new IOException("wrk said: " + said))
                .split(" ");
        if (Long.parseLong(done[2]) > 0) {
            throw new IOException(done[2] + " requests failed");
        }
        return spent * 1e6 / Long.parseLong(done[1]);
    }
}
