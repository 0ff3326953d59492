package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.h2.Frames;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Fields by which a client, or an upstream, would speak with the gateway's voice.
@ExtendWith(LogWatch.class)
class HeaderTrustTest {
    private static final String CLAIMS =
            "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: evil\r\nX-Forwarded-Host: evil\r\n"
                    + "X-Forwarded-Port: 666\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n"
                    + "X-Forwarded-Client-Cert: URI=spiffe://evil\r\nX-Envoy-External-Address: 6.6.6.6\r\n";

    private static String get(String fields) {
        return "GET / HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n";
    }

    private static GatewayBuilder trusting(GatewayBuilder builder) {
        ProxySettings defaults = ProxySettings.DEFAULT;
        return builder.proxy(new ProxySettings(
                1,
                defaults.paths(),
                defaults.via(),
                defaults.serverHeader(),
                defaults.flagHeader(),
                defaults.tunnels(),
                defaults.retryBodyBytes()));
    }

    @Test
    void aStrangersClaimsAreReplaced() throws Exception {
        try (Target target = Target.start()) {
            target.exchange(get(CLAIMS + CLAIMS + "Connection: close\r\n"));

            assertThat(target.upstream.received())
                    .containsOnlyOnce("x-forwarded-for: 127.0.0.1\r\n")
                    .containsOnlyOnce("x-forwarded-proto: http\r\n")
                    .doesNotContain("6.6.6.6", "evil", "666");
        }
    }

    @Test
    void whatATrustedHopSaysIsContinuedButNotItsClaimOfACertificate() throws Exception {
        try (Target target = Target.start(HeaderTrustTest::trusting)) {
            target.exchange(get("X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
                    + "X-Forwarded-Client-Cert: URI=spiffe://evil\r\nConnection: close\r\n"));

            assertThat(target.upstream.received())
                    .contains("x-forwarded-for: 9.9.9.9,127.0.0.1\r\n", "x-forwarded-proto: https\r\n")
                    .doesNotContain("evil");
        }
    }

    /// Fields by which Envoy is commanded, and one that only a later version will know.
    private static final List<String> COMMANDS = List.of(
            "x-envoy-attempt-count",
            "x-envoy-decorator-operation",
            "x-envoy-downstream-service-cluster",
            "x-envoy-downstream-service-node",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-force-trace",
            "x-envoy-hedge-on-per-try-timeout",
            "x-envoy-internal",
            "x-envoy-ip-tags",
            "x-envoy-is-timeout-retry",
            "x-envoy-max-retries",
            "x-envoy-original-dst-host",
            "x-envoy-original-host",
            "x-envoy-original-path",
            "x-envoy-peer-metadata",
            "x-envoy-peer-metadata-id",
            "x-envoy-retriable-header-names",
            "x-envoy-retriable-status-codes",
            "x-envoy-retry-grpc-on",
            "x-envoy-retry-on",
            "x-envoy-upstream-alt-stat-name",
            "x-envoy-upstream-rq-per-try-timeout-ms",
            "x-envoy-upstream-rq-timeout-alt-response",
            "x-envoy-upstream-rq-timeout-ms",
            "x-envoy-of-tomorrow");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobodyCommandsEnvoysFromOutside(boolean trusted) throws Exception {
        String route = """
                - match: [{headers: {x-envoy-retry-on: {}}}]
                  directResponse: {status: 418}
                - headers: {request: {set: {x-envoy-max-retries: "7"}}}
                  route: [{destination: {host: shop.internal}}]""";
        RawUpstream upstream = RawUpstream.answering(Target.OK);
        try (Target target = Target.start(upstream, "HTTP", route, trusted ? HeaderTrustTest::trusting : b -> b);
                H2Client client = target.connect2()) {
            List<String> fields = new ArrayList<>(List.of("x-envoy", "kept", "x-envoyage", "kept"));
            COMMANDS.forEach(name -> fields.addAll(List.of(name, "evil", name, "evil")));
            client.send(Frames.headers(1, true, H2Client.request("GET", "/", fields.toArray(String[]::new))));
            assertThat(client.answer(1).fields()).startsWith(":status=200");

            StringBuilder text = new StringBuilder();
            COMMANDS.forEach(name -> text.append(name.toUpperCase(Locale.ROOT)).append(": evil\r\n"));
            assertThat(target.exchange(get("Connection: close\r\n" + text))).startsWith("HTTP/1.1 200 OK\r\n");

            assertThat(upstream.received())
                    .contains("x-envoy: kept\r\n", "x-envoyage: kept\r\n")
                    .contains("x-envoy-attempt-count: 1\r\n", "x-envoy-max-retries: 7\r\n")
                    .doesNotContain("evil");
        }
    }

    @Test
    void connectionNamesWhatEndsHereButNotWhatTheGatewaySays() throws Exception {
        try (Target target = Target.start()) {
            String response = target.exchange(get("Connection: close, X-Mine, X-Forwarded-For, x-request-id, host\r\n"
                    + "Connection: X-Forwarded-Proto, Authorization, Cookie, content-length\r\n"
                    + "X-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: gzip, trailers\r\nUpgrade: foo\r\n"
                    + "Authorization: Bearer t\r\nCookie: a=b\r\n"));

            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received())
                    .contains("x-forwarded-for: 127.0.0.1\r\n", "x-forwarded-proto: http\r\n", "x-request-id: ")
                    .contains("host: shop.example\r\n", "authorization: Bearer t\r\n", "cookie: a=b\r\n")
                    .contains("te: trailers\r\n", "connection: te\r\n")
                    .doesNotContain("x-mine", "keep-alive", "proxy-connection", "gzip", "foo");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anUpstreamsHopByHopFieldsEndHere(boolean http2) throws Exception {
        RawUpstream upstream = RawUpstream.answering("HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Internal\r\n"
                + "X-Internal: secret\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\n"
                + "Content-Length: 2\r\nX-Public: y\r\n\r\nok");
        try (Target target = Target.start(upstream)) {
            String head;
            if (http2) {
                try (H2Client client = target.connect2()) {
                    client.send(Frames.headers(1, true, H2Client.request("GET", "/")));
                    head = client.answer(1).fields().replace("=", ": ");
                }
            } else {
                head = target.exchange(get("Connection: close\r\n"));
            }
            assertThat(head)
                    .contains("200")
                    .contains("x-public: y", "content-length: 2")
                    .doesNotContainIgnoringCase("secret")
                    .doesNotContainIgnoringCase("keep-alive")
                    .doesNotContainIgnoringCase("proxy-connection")
                    .doesNotContainIgnoringCase("upgrade");
        }
    }

    @Test
    void namesWithAnUnderscoreAreRefused() throws Exception {
        try (Target target = Target.start()) {
            assertThat(target.exchange(get("X_Forwarded_For: 6.6.6.6\r\n"))).startsWith("HTTP/1.1 400 ");
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }
}
