package io.sallyport.cluster.balance;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.EndpointSpec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// A cluster's choice on a clock that a test moves.
public final class PickerFixture {
    public static final int PICKS = 100_000;

    public final AtomicLong clock = new AtomicLong(1_000_000);
    final TestRequest request = new TestRequest();
    private final PickerFactory factory;

    public PickerFixture(LoadBalancing kind, BalancingSpec balancing) {
        factory = new PickerFactory(
                ClusterSpec.of("service.example", 80, Discovery.STATIC, List.of())
                        .withLoadBalancing(kind)
                        .withBalancing(balancing),
                clock::get,
                EndpointSet.EMPTY);
    }

    public EndpointPicker picker(List<Endpoint> endpoints) {
        return factory.of(new EndpointSet(endpoints));
    }

    public Map<Endpoint, Integer> picks(EndpointPicker picker) {
        Map<Endpoint, Integer> counts = new IdentityHashMap<>();
        for (int i = 0; i < PICKS; i++) {
            counts.merge(picker.pick(request), 1, Integer::sum);
        }
        return counts;
    }

    /// Chi-square of what was picked against weights, in the order of the endpoints.
    public static double chiSquare(Map<Endpoint, Integer> counts, List<Endpoint> endpoints, double... weights) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            double expected = PICKS * weights[i] / total;
            double off = counts.getOrDefault(endpoints.get(i), 0) - expected;
            sum += expected == 0 ? off == 0 ? 0 : Double.POSITIVE_INFINITY : off * off / expected;
        }
        return sum;
    }

    /// As many endpoints as there are words: `weight`, `weight@locality` or `weight@locality#priority`.
    public static List<Endpoint> endpoints(String words) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String word : words.split(" ")) {
            String[] parts = word.split("[@#]");
            int port = 8000 + endpoints.size();
            EndpointSpec spec = new EndpointSpec(
                            "10.0.0.1",
                            port,
                            Map.of(),
                            Integer.parseInt(parts[0]),
                            parts.length > 1 ? parts[1] : null,
                            null,
                            null)
                    .withPriority(parts.length > 2 ? Integer.parseInt(parts[2]) : 0);
            endpoints.add(new Endpoint(spec, new InetSocketAddress("10.0.0.1", port), true));
        }
        return endpoints;
    }
}
