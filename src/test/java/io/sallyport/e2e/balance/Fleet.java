package io.sallyport.e2e.balance;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Several endpoints of `shop.example` on the loopback, each of which answers with its own number.
final class Fleet implements AutoCloseable {
    private final List<RawUpstream> upstreams = new ArrayList<>();

    Fleet(int size) {
        for (int i = 0; i < size; i++) {
            upstreams.add(RawUpstream.ok("#" + i));
        }
    }

    RawUpstream upstream(int number) {
        return upstreams.get(number);
    }

    String yaml(String trafficPolicy, String... localities) {
        return Yaml.httpGateway("*")
                + entry("HTTP", localities)
                + rule(trafficPolicy)
                + Yaml.forwardAll("shop.example", "shop.example");
    }

    String entry(String protocol, String... localities) {
        StringBuilder endpoints = new StringBuilder();
        for (int i = 0; i < upstreams.size(); i++) {
            String locality = localities.length == 0 ? "" : ", locality: " + localities[i];
            endpoints.append("  - {address: 127.0.0.1, ports: {port: %d}%s}\n"
                    .formatted(upstreams.get(i).port(), locality));
        }
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: shop}
                spec:
                  hosts: [shop.example]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: port, protocol: %s}]
                  endpoints:
                """.formatted(protocol) + endpoints + "---\n";
    }

    static String rule(String trafficPolicy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop.example
                  trafficPolicy:
                """ + trafficPolicy.indent(4) + "---\n";
    }

    /// The response to a GET with these header lines.
    static String get(TestGateway gateway, String target, String... headers) throws IOException {
        try (RawClient client = new RawClient(gateway.port(80))) {
            return client.send("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n"
                            + String.join(
                                    "",
                                    List.of(headers).stream()
                                            .map(header -> header + "\r\n")
                                            .toList())
                            + "\r\n")
                    .readResponse();
        }
    }

    /// The number of the endpoint that answered.
    static String who(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    @Override
    public void close() {
        upstreams.forEach(RawUpstream::close);
    }
}
