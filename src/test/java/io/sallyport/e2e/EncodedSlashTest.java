package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.http.h2.Frames;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.route.EncodedSlashes;
import io.sallyport.route.PathNormalization;
import io.sallyport.route.RequestPaths;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `%2F` and `%5C` in paths: what is matched is what is sent upstream, and no spelling gets past a route.
class EncodedSlashTest {
    private static ProxySettings settings(EncodedSlashes slashes) {
        ProxySettings defaults = ProxySettings.DEFAULT;
        return new ProxySettings(
                defaults.trustedHops(),
                RequestPaths.of(PathNormalization.MERGE_SLASHES, slashes),
                defaults.via(),
                defaults.serverHeader(),
                defaults.flagHeader(),
                defaults.tunnels(),
                defaults.retryBodyBytes());
    }

    /// `/admin/` is closed, `/api/` becomes `/v1/`, all else is forwarded as it is. `200 /path` is what the endpoint
    /// got.
    @ParameterizedTest
    @CsvSource({
        "KEEP, /@scope%2fname, 200 /@scope%2Fname",
        "KEEP, /a%5cb, 200 /a%5Cb",
        "KEEP, /a//b%2F%2f, 200 /a/b%2F%2F",
        "KEEP, /api/group%2fproject, 200 /v1/group%2Fproject",
        "KEEP, /admin%2fx, 200 /admin%2Fx",
        "KEEP, /admin/%2fx, 403",
        "KEEP, /x/../admin/a%2fb, 403",
        "KEEP, /a%252fb, 200 /a%252fb",
        "KEEP, /x/..%2fadmin/, 400",
        "KEEP, /x%2f%2e%2e%2fadmin/, 400",
        "KEEP, /%2e%2e%2fadmin/, 400",
        "KEEP, /a?q=%2f, 200 /a?q=%2f",
        "REJECT, /@scope%2fname, 400",
        "REJECT, /a%5Cb, 400",
        "REJECT, /a%2Fb, 400",
        "REJECT, /a%252fb, 200 /a%252fb",
        "REJECT, /a?q=%2f, 200 /a?q=%2f",
        "DECODE, /admin%2fx, 403",
        "DECODE, /x%2f%2e%2e%2fadmin%2Fy, 403",
        "DECODE, /x/..%2fadmin/, 403",
        "DECODE, /x%5c..%5Cadmin%5c, 403",
        "DECODE, /%2fadmin%2f%2fx, 403",
        "DECODE, /..%2fadmin/, 400",
        "DECODE, /api%2fgroup%2f%2fproject, 200 /v1/group/project",
        "DECODE, /a%252fb, 200 /a%252fb",
        "DECODE, /a%252f%252e%252e%252fadmin/, 200 /a%252f%252e%252e%252fadmin/",
        "DECODE, /a?q=%2f, 200 /a?q=%2f",
    })
    void areWhatTheSettingSays(EncodedSlashes slashes, String target, String wanted) throws Exception {
        ProxySettings settings = settings(slashes);
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.builder()
                        .proxy(settings)
                        .start("""
                                apiVersion: networking.istio.io/v1
                                kind: Gateway
                                metadata: {name: edge}
                                spec:
                                  servers:
                                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                                  - {port: {number: 8080, name: http2, protocol: HTTP2}, hosts: ["*"]}
                                ---
                                """ + Yaml.service("shop.internal", upstream.port())
                                + Yaml.virtualService("shop.example", """
                                        - match: [{uri: {prefix: /admin/}}]
                                          directResponse: {status: 403}
                                        - match: [{uri: {prefix: /api/}}]
                                          rewrite: {uri: /v1/}
                                          route: [{destination: {host: shop.internal}}]
                                        - route: [{destination: {host: shop.internal}}]
                                        """))) {
            String status = RawClient.exchange(
                            gateway.port(80),
                            "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
                    .substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
            assertThat(outcome(status, upstream)).isEqualTo(wanted);
            try (H2Client client = new H2Client(gateway.port(8080))) {
                client.send(Frames.headers(1, true, H2Client.request("GET", target)));
                String fields = client.answer(1).fields();
                assertThat(outcome(fields.substring(8, 11), upstream)).isEqualTo(wanted);
            }
            ExplainedRequest request = new ExplainedRequest(
                    80, false, null, "shop.example", "GET", target, Map.of(), null, "127.0.0.1", null);
            JsonObject said = new JsonObject(new Explainer(gateway.read().plan(), settings)
                    .explain(request)
                    .json());
            String explained = "forward".equals(said.getString("action"))
                    ? "200 " + said.getJsonObject("upstreamRequest").getString("path")
                    : said.getInteger("status").toString();
            assertThat(explained).isEqualTo(wanted);
        }
    }

    private static String outcome(String status, RawUpstream upstream) {
        if (!status.equals("200")) {
            assertThat(upstream.connectionCount()).isZero();
            return status;
        }
        String received = upstream.connections().getLast().received();
        return status + " "
                + received.substring(received.lastIndexOf("GET ") + 4).split(" ")[0];
    }
}
