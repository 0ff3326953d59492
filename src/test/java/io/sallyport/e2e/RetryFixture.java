package io.sallyport.e2e;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A route with retries, and endpoints that fail.
final class RetryFixture {
    static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private RetryFixture() {}

    static String post(String body) {
        return "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    static TestGateway gateway(String retries, int... upstreamPorts) {
        return TestGateway.serving(Yaml.httpGateway("*") + service(upstreamPorts) + largeBudget() + route(retries));
    }

    static String service(int... ports) {
        String endpoints = IntStream.of(ports)
                .mapToObj("{address: 127.0.0.1, ports: {port: %d}}"::formatted)
                .collect(Collectors.joining(", "));
        return Yaml.service("shop.internal", 1).replaceAll("endpoints: .*", "endpoints: [" + endpoints + "]");
    }

    static String route(String retries) {
        return Yaml.virtualService(
                "shop.example",
                "- route: [{destination: {host: shop.internal}}]" + (retries.isEmpty() ? "" : "\n  " + retries));
    }

    /// Answers so often with the first, then with 200.
    static RawUpstream failing(int times, String first) {
        AtomicInteger requests = new AtomicInteger();
        return RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                connection.write(requests.incrementAndGet() <= times ? first : OK);
            }
        });
    }

    static String status(int status) {
        return "HTTP/1.1 " + status + " Some Reason\r\ncontent-length: 4\r\n\r\nwhy?";
    }

    static int requests(RawUpstream upstream) {
        return upstream.received().split("x-envoy-attempt-count: ", -1).length - 1;
    }

    /// So large a budget that it never matters.
    static String largeBudget() {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop.internal
                  trafficPolicy: {retryBudget: {percent: 100, minRetryConcurrency: 1000}}
                ---
                """;
    }
}
