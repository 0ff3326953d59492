package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A request on a TLS port belongs to the filter chain with the most specific host that holds for its own: whoever
/// shook hands with another is sent away, whatever that one could answer. Else the least demanding chain of a port
/// would be the way into all of them.
class HostOwnershipTest {
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued server = authority
            .leaf("server")
            .dns("*.w.test", "*.mu.w.test", "w.test", "other.test")
            .issue();
    private final Issued client = authority.leaf("client").clientUse().issue();

    enum Version {
        HTTP_1_1("http/1.1"),
        HTTP_2("h2");

        final String alpn;

        Version(String alpn) {
            this.alpn = alpn;
        }
    }

    /// @param sni null for none
    /// @param host of the request, as sent
    private record Row(String sni, boolean certificate, String host, int status) {}

    private static Row row(String sni, String host, int status) {
        return new Row(sni, false, host, status);
    }

    private static Row certified(String sni, String host, int status) {
        return new Row(sni, true, host, status);
    }

    private static String gateway(String name, String... servers) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: %s}
                spec:
                  servers:
                %s---
                """.formatted(name, String.join("", servers));
    }

    private static String server(String hosts, String tls, String more) {
        return """
                  - port: {number: 443, name: https-%s, protocol: HTTPS}
                    hosts: [%s]
                    tls: {%s}
                %s""".formatted(Integer.toHexString(hosts.hashCode()), hosts, tls, more);
    }

    private static String simple(String hosts) {
        return server(hosts, "mode: SIMPLE, credentialName: server", "");
    }

    private static String mutual(String hosts) {
        return server(hosts, "mode: MUTUAL, credentialName: server", "");
    }

    /// A VirtualService that answers by itself.
    private static String answers(String name, String hosts, String gateways) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [%s]
                  http: [{directResponse: {status: 200}}]
                ---
                """.formatted(name, hosts, gateways);
    }

    private static final String ALL_ON_EDGE = answers("all", "\"*\"", "edge");

    private TestGateway start(String yaml) {
        return TestGateway.builder()
                .secret("server", server)
                .secret("other", authority.leaf("other").dns("mu.w.test").issue())
                .start(yaml);
    }

    private SSLSocket connect(int port, Row row, Version version) throws IOException {
        SSLSocket socket = (SSLSocket) TlsClients.of(row.certificate ? client : null, authority)
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), null, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(row.sni == null ? List.of() : List.of(new SNIHostName(row.sni)));
        parameters.setApplicationProtocols(new String[] {version.alpn});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    private int status(TestGateway gateway, Row row, Version version) throws IOException {
        SSLSocket socket = connect(gateway.port(443), row, version);
        if (version == Version.HTTP_2) {
            try (RawHttp2Client http = new RawHttp2Client(socket)) {
                return Integer.parseInt(
                        http.get("https", row.host, "/").status().toString());
            }
        }
        try (RawClient http = new RawClient(socket)) {
            return status(http.send("GET / HTTP/1.1\r\nHost: " + row.host + "\r\n\r\n"));
        }
    }

    private static int status(RawClient sent) throws IOException {
        return Integer.parseInt(sent.readResponse().split(" ", 3)[1]);
    }

    private void check(String yaml, Version version, Row... rows) throws IOException {
        List<Row> answered = new ArrayList<>();
        try (TestGateway gateway = start(yaml)) {
            for (Row row : rows) {
                answered.add(new Row(row.sni, row.certificate, row.host, status(gateway, row, version)));
            }
        }
        assertThat(answered).containsExactly(rows);
    }

    @ParameterizedTest
    @EnumSource
    void aStricterHostIsNotReachedThroughItsWildcard(Version version) throws IOException {
        check(
                gateway("edge", simple("\"*.w.test\""))
                        + gateway("strict", mutual("mu.w.test"))
                        + ALL_ON_EDGE
                        + answers("mu", "mu.w.test", "edge, strict"),
                version,
                row("a.w.test", "mu.w.test", 421),
                row("a.w.test", "MU.W.Test", 421),
                row("a.w.test", "mu.w.test.", 421),
                row("a.w.test", "mu.w.test:443", 421),
                row("a.w.test", "Mu.w.test.:8443", 421),
                certified("a.w.test", "mu.w.test", 421),
                row("a.w.test", "a.w.test", 200),
                row("a.w.test", "b.w.test", 200),
                row("a.w.test", "x.mu.w.test", 200),
                row("a.w.test", "a.w.test:8443", 200),
                row("a.w.test", "other.test", 404),
                certified("mu.w.test", "mu.w.test", 200),
                certified("mu.w.test", "MU.w.test.:443", 200),
                certified("mu.w.test", "a.w.test", 421),
                certified("mu.w.test", "other.test", 404));
    }

    /// The order of the Gateways, and whose certificate it is, change nothing.
    @ParameterizedTest
    @EnumSource
    void aHostOfTheSameCertificateIsNoExceptionNorIsAnyHost(Version version) throws IOException {
        check(
                gateway(
                                "strict",
                                server(
                                        "mu.w.test",
                                        "mode: MUTUAL, credentialName: other, minProtocolVersion: TLSV1_3",
                                        ""))
                        + gateway("edge", simple("\"*\""))
                        + ALL_ON_EDGE
                        + answers("mu", "mu.w.test", "edge, strict"),
                version,
                row(null, "mu.w.test", 421),
                row(null, "mu.w.test.:443", 421),
                row("a.w.test", "mu.w.test", 421),
                row("elsewhere.test", "MU.w.test", 421),
                row(null, "a.w.test", 200),
                row("a.w.test", "elsewhere.test", 200),
                row(null, "127.0.0.1", 200),
                row(null, "127.0.0.1:443", 200),
                row(null, "[::1]", 200),
                row("a.w.test", "[2001:db8::1]:443", 200));
    }

    @ParameterizedTest
    @EnumSource
    void addressesAreHostsInWhateverSpelling(Version version) throws IOException {
        check(
                gateway("edge", simple("\"*\""))
                        + gateway("strict", mutual("\"192.0.2.1\", \"2001:DB8:0::1\""))
                        + ALL_ON_EDGE,
                version,
                row(null, "192.0.2.1", 421),
                row(null, "192.0.2.1:8443", 421),
                row("a.w.test", "[2001:db8::1]", 421),
                row("a.w.test", "[2001:DB8:0:0::0001]:443", 421),
                row(null, "192.0.2.2", 200),
                row(null, "[2001:db8::2]", 200));
    }

    @ParameterizedTest
    @EnumSource
    void theMostSpecificHostOfAllServersAndNamespacesOwns(Version version) throws IOException {
        check(
                gateway("edge", simple("\"*/*\""), simple("default/b.w.test"))
                        + gateway("strict", mutual("./mu.w.test, \"default/*.mu.w.test\""))
                        + gateway("wide", simple("\"*/*.w.test\""))
                        + answers("all", "\"*\"", "edge, strict, wide")
                        + answers("mu", "mu.w.test, x.mu.w.test, b.w.test", "edge, strict, wide"),
                version,
                row("other.test", "mu.w.test", 421),
                row("other.test", "x.mu.w.test", 421),
                row("other.test", "y.x.mu.w.test", 421),
                row("other.test", "a.w.test", 421),
                row("other.test", "b.w.test", 421),
                row("other.test", "w.test", 200),
                row("a.w.test", "mu.w.test", 421),
                row("a.w.test", "x.mu.w.test", 421),
                row("a.w.test", "b.w.test", 421),
                row("a.w.test", "other.test", 421),
                row("b.w.test", "mu.w.test", 421),
                row("b.w.test", "b.w.test", 200),
                certified("mu.w.test", "x.mu.w.test", 200),
                certified("x.mu.w.test", "mu.w.test", 200));
    }

    @ParameterizedTest
    @EnumSource
    void aPassthroughChainOwnsItsHostsToo(Version version) throws IOException {
        String passthrough = """
                  - port: {number: 443, name: tls, protocol: TLS}
                    hosts: [mu.w.test, "*.auto.w.test"]
                    tls: {mode: PASSTHROUGH}
                """;
        check(
                gateway("edge", simple("\"*.w.test\"") + passthrough)
                        + ALL_ON_EDGE
                        + answers("mu", "mu.w.test, x.auto.w.test", "edge"),
                version,
                row("a.w.test", "mu.w.test", 421),
                row("a.w.test", "x.auto.w.test", 421),
                row("a.w.test", "a.w.test", 200));
    }

    /// What serves the host elsewhere is no reason to send anybody away.
    @ParameterizedTest
    @EnumSource
    void oneChainAndOtherListenersSendNobodyAway(Version version) throws IOException {
        String plain = """
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: [mu.w.test]
                """;
        String elsewhere = """
                  - port: {number: 9443, name: https-other, protocol: HTTPS}
                    hosts: [x.w.test]
                    tls: {mode: MUTUAL, credentialName: server}
                """;
        check(
                gateway("edge", simple("\"*.w.test\", w.test, mu.w.test") + plain + elsewhere)
                        + answers("some", "\"*.w.test\", w.test", "edge"),
                version,
                row("a.w.test", "mu.w.test", 200),
                row("mu.w.test", "w.test", 200),
                row("w.test", "x.w.test", 200));
    }

    @ParameterizedTest
    @EnumSource
    void oneAddressOfAPortIsAListenerOfItsOwn(Version version) throws IOException {
        check(
                gateway("edge", server("\"*\"", "mode: SIMPLE, credentialName: server", "    bind: 127.0.0.1\n"))
                        + gateway(
                                "strict",
                                server("mu.w.test", "mode: MUTUAL, credentialName: server", "    bind: 127.0.0.1\n"))
                        + gateway(
                                "away",
                                server("c.w.test", "mode: MUTUAL, credentialName: server", "    bind: 127.0.0.2\n"))
                        + ALL_ON_EDGE
                        + answers("mu", "mu.w.test", "edge, strict"),
                version,
                row("a.w.test", "mu.w.test", 421),
                row("a.w.test", "c.w.test", 200));
    }

    /// What Istio accepts, and what is served of it: a credential goes before files, a Unix socket is left out.
    @ParameterizedTest
    @EnumSource
    void filesBesideACredentialAndUnixSocketsAreLeftOut(Version version) throws IOException {
        String unix = """
                  - port: {number: 0, name: http-unix, protocol: HTTP}
                    bind: unix:///run/gateway.sock
                    hosts: ["*"]
                """;
        String files = ", serverCertificate: /nowhere/tls.crt, privateKey: /nowhere/tls.key";
        check(
                gateway("edge", unix, server("\"*.w.test\"", "mode: SIMPLE, credentialName: server" + files, ""))
                        + ALL_ON_EDGE,
                version,
                row("a.w.test", "a.w.test", 200));
    }

    @Test
    void anAbsoluteTargetNamesTheHostAsWell() throws IOException {
        try (TestGateway gateway = start(gateway("edge", simple("\"*.w.test\""), mutual("mu.w.test"))
                        + ALL_ON_EDGE
                        + answers("mu", "mu.w.test", "edge"));
                RawClient http = new RawClient(connect(gateway.port(443), row("a.w.test", "", 0), Version.HTTP_1_1))) {
            http.send("GET https://mu.w.test/ HTTP/1.1\r\nHost: mu.w.test\r\n\r\n");
            assertThat(status(http)).isEqualTo(421);
            http.send("GET https://MU.w.test:443/ HTTP/1.0\r\n\r\n");
            assertThat(status(http)).isEqualTo(421);
        }
    }

    /// Neither of the upstream's making nor of the gateway's: nothing of the request is seen behind the gateway.
    @Test
    void whatIsSentAwayIsNotForwarded() throws IOException {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = start(gateway("edge", simple("\"*.w.test\""), mutual("mu.w.test"))
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("mu.w.test", "up.internal"))) {
            assertThat(status(gateway, row("a.w.test", "mu.w.test", 0), Version.HTTP_1_1))
                    .isEqualTo(421);
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChainThatComesLaterOwnsItsHostOnOpenConnections(Version version) throws IOException {
        String before = gateway("edge", simple("\"*.w.test\"")) + answers("all", "\"*\"", "edge, strict");
        String strict = gateway("strict", mutual("mu.w.test"));
        String other = gateway("strict", mutual("other.test"));
        assertAcrossReload(before + other, before + strict, version, "mu.w.test");
    }

    /// Until it is drained, a connection may ask on; what it has not shown it cannot have been let in by.
    @ParameterizedTest
    @EnumSource
    void aChainThatAsksForCertificatesFromNowOnServesNobodyWithoutOne(Version version) throws IOException {
        String routes = answers("all", "\"*\"", "edge");
        assertAcrossReload(
                gateway("edge", simple("\"*.w.test\"")) + routes,
                gateway("edge", mutual("\"*.w.test\"")) + routes,
                version,
                "a.w.test");
    }

    private void assertAcrossReload(String before, String after, Version version, String host) throws IOException {
        try (TestGateway gateway = start(before)) {
            SSLSocket socket = connect(gateway.port(443), row("a.w.test", host, 0), version);
            if (version == Version.HTTP_2) {
                try (RawHttp2Client http = new RawHttp2Client(socket)) {
                    assertThat(http.get("https", host, "/").status()).hasToString("200");
                    gateway.apply(after);
                    assertThat(http.get("https", host, "/").status()).hasToString("421");
                }
                return;
            }
            try (RawClient http = new RawClient(socket)) {
                assertThat(status(http.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")))
                        .isEqualTo(200);
                gateway.apply(after);
                assertThat(status(http.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")))
                        .isEqualTo(421);
            }
        }
    }
}
