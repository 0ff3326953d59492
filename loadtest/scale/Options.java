package scale;

import java.nio.file.Path;

/// @param routes added one by one
/// @param changes of one resource among many
/// @param services VirtualServices of one load
/// @param hosts of the larger of two gateways
/// @param rounds of everything that is measured more than once
/// @param seconds of load a round
/// @param results directory of the report
record Options(int routes, int changes, int services, int hosts, int rounds, int seconds, Path results) {
    /// @param args `key=value` each
    static Options parse(String[] args) {
        int routes = 3_000;
        int changes = 100;
        int services = 10_000;
        int hosts = 100_000;
        int rounds = 3;
        int seconds = 4;
        Path results = Path.of("loadtest", "results");
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            switch (arg.substring(0, Math.max(0, arg.indexOf('=')))) {
                case "routes" -> routes = Integer.parseInt(value);
                case "changes" -> changes = Integer.parseInt(value);
                case "services" -> services = Integer.parseInt(value);
                case "hosts" -> hosts = Integer.parseInt(value);
                case "rounds" -> rounds = Integer.parseInt(value);
                case "seconds" -> seconds = Integer.parseInt(value);
                case "results" -> results = Path.of(value);
                default ->
                    throw new IllegalArgumentException(arg + ": routes, changes, services, hosts, rounds, seconds or results");
            }
        }
        return new Options(routes, changes, services, hosts, rounds, seconds, results);
    }
}
