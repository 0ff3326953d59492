package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which ServiceEntry a client means by an address or a name.
class ServiceEntryLookupTest {
    private final TestCertificates authority = TestCertificates.authority("root");

    private static String entry(String name, String host, String addresses, int port, String protocol, int upstream) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  addresses: %s
                  resolution: STATIC
                  ports: [{number: %d, name: port, protocol: %s, targetPort: %d}]
                  endpoints: [{address: 127.0.0.1}]
                ---
                """.formatted(name, host, addresses, port, protocol, upstream);
    }

    private static TestGateway start(String yaml) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(yaml);
    }

    private static String get(TestGateway gateway, String host) throws IOException {
        return RawClient.exchange(
                gateway.port(MESH_PORT),
                "GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private static String connect(TestGateway gateway, String authority, String sent) throws IOException {
        try (RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            return client.send(sent).readResponse();
        }
    }

    /// Written from the widest range to the narrowest and back, so that no order of theirs helps; where two list the
    /// same addresses, the entry with the first name has them, however it spells the range.
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3,     single",
        "10.1.2.4,     narrow",
        "10.1.3.1,     middle",
        "10.2.0.1,     wide",
        "10.200.0.1,   wide",
        "10.1.9.9,     host",
        "'[fd00::1]',  six",
        "'[fd00:1::1]',six48",
    })
    void theLongestPrefixWinsThenTheName(String address, String expected) throws Exception {
        Map<String, String> ranges = Map.of(
                "wide", "[10.0.0.0/8]",
                "middle", "[10.1.0.0/16]",
                "narrow", "[10.1.2.0/24]",
                "single", "[10.1.2.3]",
                "host", "[10.1.9.9/32]",
                "six", "['fd00::/16']",
                "six48", "['fd00:1::/48']");
        for (String protocol : List.of("HTTP", "TCP")) {
            for (boolean reversed : List.of(false, true)) {
                StringBuilder yaml = new StringBuilder();
                try (RawUpstream wrong = RawUpstream.ok("wrong");
                        RawUpstream right = RawUpstream.answering(
                                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nright")) {
                    ranges.forEach((name, range) -> {
                        int port = (name.equals(expected) ? right : wrong).port();
                        String named = (reversed ? "z" : "a") + "-" + name;
                        yaml.append(entry(named, name + ".test", range, 80, protocol, port));
                        // The same addresses, spelt in another way where they can be.
                        String same = range.replace("10.1.2.3]", "10.1.2.3/32]").replace("10.1.0.0/", "10.1.77.77/");
                        yaml.append(entry("zz-" + name, name + ".second.test", same, 80, protocol, wrong.port()));
                    });
                    try (TestGateway gateway = start(yaml.toString())) {
                        String answer = protocol.equals("HTTP")
                                ? get(gateway, address)
                                : connect(gateway, address + ":80", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                        assertThat(answer).as("%s %s", protocol, reversed).endsWith("right");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3/32,10.1.2.3", "10.1.2.3,10.1.2.3/32", "10.1.2.3/32,10.1.2.3/32", "10.1.2.3,10.1.2.3"})
    void anAddressIsARangeOfOne(String first, String second) throws Exception {
        try (RawUpstream one = RawUpstream.ok("one");
                RawUpstream two = RawUpstream.ok("two");
                TestGateway gateway = start(entry("b", "b.test", "[" + second + "]", 80, "HTTP", two.port())
                        + entry("a", "a.test", "[" + first + "]", 80, "HTTP", one.port()))) {
            assertThat(get(gateway, "10.1.2.3")).endsWith("one");
        }
    }

    private String tls(TestGateway gateway, String address, String sni) throws IOException {
        try (RawClient plain = new RawClient(gateway.port(MESH_PORT))) {
            plain.send("CONNECT " + address + ":443 HTTP/1.1\r\nHost: " + address + ":443\r\n\r\n");
            assertThat(plain.readHead()).startsWith("HTTP/1.1 200 ");
            Socket tunnel = plain.socket();
            SSLSocket socket = (SSLSocket)
                    TlsClients.of(null, authority).getSocketFactory().createSocket(tunnel, "", 0, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(sni)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            try (RawClient client = new RawClient(socket)) {
                return client.send("GET / HTTP/1.1\r\nHost: " + sni + "\r\n\r\n")
                        .readResponse();
            }
        }
    }

    /// The address alone leaves open which of the services is meant; the prefix is looked at before the name, so that
    /// a service with a wider range is not reached by an address of a narrower one's.
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, a.test,     a",
        "10.1.2.3, b.test,     b",
        "10.9.9.9, wide.test,  wide",
        "10.1.2.3, wide.test,  ",
        "10.1.2.3, other.test, ",
        "10.9.9.9, a.test,     ",
    })
    void tlsByAnAddressIsForTheServiceThatItNames(String address, String sni, String expected) throws Exception {
        try (TlsUpstream a =
                        TlsUpstream.start("a", authority.leaf("a").dns("a.test").issue());
                TlsUpstream b =
                        TlsUpstream.start("b", authority.leaf("b").dns("b.test").issue());
                TlsUpstream wide = TlsUpstream.start(
                        "wide", authority.leaf("w").dns("wide.test").issue());
                TestGateway gateway = start(entry("wide", "wide.test", "[10.0.0.0/8]", 443, "TLS", wide.port())
                        + entry("b", "b.test", "[10.1.2.3]", 443, "TLS", b.port())
                        + entry("a", "a.test", "[10.1.2.3/32]", 443, "TLS", a.port()))) {
            if (expected == null) {
                assertThatThrownBy(() -> tls(gateway, address, sni)).isInstanceOf(IOException.class);
                assertThat(a.requests()).isEmpty();
                assertThat(b.requests()).isEmpty();
                assertThat(wide.requests()).isEmpty();
            } else {
                assertThat(tls(gateway, address, sni)).endsWith("\r\n\r\n" + expected);
            }
        }
    }

    /// Only routes and rules mean a service of their own namespace by a name without a dot.
    @Test
    void aHostWithoutADotStaysAsItIsWritten() throws Exception {
        try (TestDns dns = new TestDns();
                RawUpstream entry = RawUpstream.ok("entry");
                RawUpstream service = RawUpstream.ok("service")) {
            dns.addresses("legacy.default.svc.cluster.local", 600, "127.0.0.1");
            String yaml = entry("legacy", "Legacy", "[]", service.port(), "HTTP", entry.port())
                    + """
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: front}
                    spec:
                      hosts: [front.test]
                      http: [{route: [{destination: {host: legacy, port: {number: %d}}}]}]
                    ---
                    """.formatted(service.port());
            try (TestGateway gateway = TestGateway.builder()
                    .mesh(EgressMode.REGISTRY_ONLY)
                    .dns(dns)
                    .start(yaml)) {
                String port = ":" + service.port();
                assertThat(get(gateway, "legacy" + port)).endsWith("entry");
                assertThat(get(gateway, "LEGACY" + port)).endsWith("entry");
                assertThat(get(gateway, "legacy.default.svc.cluster.local" + port))
                        .endsWith("service");
                assertThat(get(gateway, "front.test")).endsWith("service");
            }
        }
    }
}
