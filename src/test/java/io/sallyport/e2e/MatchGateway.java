package io.sallyport.e2e;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.http.h2.Frames;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/// A gateway with routes of `shop.example` to be matched, asked in three ways: over HTTP/1.1, over HTTP/2, and by
/// `explain`. Each way answers with the status.
final class MatchGateway implements AutoCloseable {
    /// A request, of which the field `x-case` chooses the route under test.
    record Request(String method, String target, String host, String chosen) {}

    final TestGateway gateway;
    private final Explainer explainer;

    /// @param routes the `http` of the VirtualService
    MatchGateway(String routes) {
        gateway = TestGateway.serving("""
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                  - {port: {number: 8080, name: http2, protocol: HTTP2}, hosts: ["*"]}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: cases}
                spec:
                  hosts: [shop.example]
                  gateways: [edge]
                  http:
                """ + routes);
        explainer = new Explainer(gateway.read().plan(), ProxySettings.DEFAULT);
    }

    @Override
    public void close() {
        gateway.close();
    }

    List<String> statuses(Request request) throws Exception {
        return List.of(http1(request), http2(request), explained(request));
    }

    private String http1(Request request) throws Exception {
        String response = RawClient.exchange(
                gateway.port(80),
                "%s %s HTTP/1.1\r\nHost: %s\r\nX-Case: %s\r\nConnection: close\r\n\r\n"
                        .formatted(request.method(), request.target(), request.host(), request.chosen()));
        return response.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
    }

    private String http2(Request request) throws Exception {
        try (H2Client client = new H2Client(gateway.port(8080))) {
            client.send(Frames.headers(
                    1,
                    true,
                    H2Client.request(
                            request.method(),
                            request.target(),
                            ":authority",
                            request.host(),
                            "x-case",
                            request.chosen())));
            String answer = client.answer(1).fields();
            return answer.substring(":status=".length(), ":status=".length() + 3);
        }
    }

    private String explained(Request request) {
        return explained(request.method(), request.target(), request.host(), Map.of("X-Case", request.chosen()));
    }

    String explained(String method, String target, String host, Map<String, String> headers) {
        JsonObject said = new JsonObject(explainer
                .explain(new ExplainedRequest(80, false, null, host, method, target, headers, null, "127.0.0.1", null))
                .json());
        return said.getInteger("status").toString();
    }
}
