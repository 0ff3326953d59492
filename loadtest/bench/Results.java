package bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What was measured, by peer: medians come from here.
final class Results {
    /// CPU microseconds and requests per second of one turn, and what its clients saw.
    record Turn(double cpuMicros, double perSecond, double p50, double p99, long failures) {}

    /// Of the process.
    record Footprint(double startMillis, double idleMegabytes, double loadedMegabytes) {}

    /// With idle connections: resident MB with plain ones and with TLS, and CPU microseconds per request beside plain ones.
    record Crowd(double plainMegabytes, double tlsMegabytes, double cpuMicros) {}

    /// Of a small request: bytes allocated, the longest pause of a turn in milliseconds, system calls. NaN where it is not
    /// known.
    record Inside(double allocatedBytes, double pauseMillis, double systemCalls) {}

    final Map<String, String> versions = new LinkedHashMap<>();
    final Map<String, Footprint> footprints = new HashMap<>();
    final Map<String, Crowd> crowds = new HashMap<>();
    final Map<String, Inside> insides = new HashMap<>();
    /// 99th percentile in milliseconds at half of Sallyport's rate, by peer; one per round.
    final Map<String, List<Double>> pacedP99 = new LinkedHashMap<>();

    private final Map<String, EnumMap<Load, List<Turn>>> turns = new HashMap<>();

    void add(String peer, Load load, Turn turn) {
        turns.computeIfAbsent(peer, p -> new EnumMap<>(Load.class))
                .computeIfAbsent(load, l -> new ArrayList<>())
                .add(turn);
    }

    /// CPU microseconds per request; NaN where it was not measured.
    double cpu(String peer, Load load) {
        return Figures.median(of(peer, load).stream().map(Turn::cpuMicros).toList());
    }

    /// How far two runs lie apart that the even and the odd rounds would be: the larger ratio of the two to one another's,
    /// over the smaller, less 1. NaN of fewer than two rounds.
    double disagreement(String peer, String other, Load load) {
        double[] halves = new double[2];
        for (int half = 0; half < 2; half++) {
            halves[half] = cpu(peer, load, half) / cpu(other, load, half);
        }
        return Math.max(halves[0], halves[1]) / Math.min(halves[0], halves[1]) - 1;
    }

    private double cpu(String peer, Load load, int half) {
        List<Turn> all = of(peer, load);
        return Figures.median(IntStream.range(0, all.size())
                .filter(i -> i % 2 == half)
                .mapToObj(i -> all.get(i).cpuMicros())
                .toList());
    }

    double perSecond(String peer, Load load) {
        return Figures.median(of(peer, load).stream().map(Turn::perSecond).toList());
    }

    double p50(String peer, Load load) {
        return Figures.median(of(peer, load).stream().map(Turn::p50).toList());
    }

    double p99(String peer, Load load) {
        return Figures.median(of(peer, load).stream().map(Turn::p99).toList());
    }

    long failures(String peer) {
        return turns.getOrDefault(peer, new EnumMap<>(Load.class)).values().stream()
                .flatMap(List::stream)
                .mapToLong(Turn::failures)
                .sum();
    }

    double pacedP99(String peer) {
        return Figures.median(pacedP99.getOrDefault(peer, List.of()));
    }

    boolean has(String peer) {
        return versions.containsKey(peer);
    }

    private List<Turn> of(String peer, Load load) {
        return turns.getOrDefault(peer, new EnumMap<>(Load.class)).getOrDefault(load, List.of());
    }
}
