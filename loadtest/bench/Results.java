package bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was measured, by peer: medians come from here.
final class Results {
    /// CPU microseconds and requests per second of one turn, and what its clients saw.
    record Turn(double cpuMicros, double perSecond, double p50, double p99, long failures) {}

    /// Of the process.
    record Footprint(double startMillis, double idleMegabytes, double loadedMegabytes) {}

    /// With idle connections: resident MB with plain ones and with TLS, and CPU microseconds per request beside plain ones.
    record Crowd(double plainMegabytes, double tlsMegabytes, double cpuMicros) {}

    final Map<String, String> versions = new LinkedHashMap<>();
    final Map<String, Footprint> footprints = new HashMap<>();
    final Map<String, Crowd> crowds = new HashMap<>();
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
