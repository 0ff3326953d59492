package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Early data of a session that the gateway does not know, such as that of the server before it, is ignored, and the
/// handshake succeeds (RFC 8446 section 4.2.10): on both engines.
@Timeout(120)
class EarlyDataTest {
    private static final byte[] CHANGE_CIPHER_SPEC = {20, 3, 3, 0, 1, 1};

    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");

    private static RawUpstream upstream;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.ok("hello");
        gateway = EveryTlsEngine.start(AUTHORITY, upstream.port());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static byte[] records(int count, int length) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(new byte[] {23, 3, 3, (byte) (length >> 8), (byte) length});
            for (int j = 0; j < length; j++) {
                all.write(31 * j + i);
            }
        }
        return all.toByteArray();
    }

    private static byte[] both(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    /// What clients send between their ClientHellos; in TLS 1.3 a change_cipher_spec means nothing.
    private static List<byte[]> early() {
        return List.of(
                CHANGE_CIPHER_SPEC,
                records(1, 100),
                both(CHANGE_CIPHER_SPEC, records(1, 100)),
                both(CHANGE_CIPHER_SPEC, records(5, 3000)),
                both(CHANGE_CIPHER_SPEC, records(1, 16_000)),
                records(40, 17));
    }

    private static Stream<Object[]> everyHost() {
        return Stream.of("one.example", "two.example", "bytes.example")
                .flatMap(host -> early().stream().map(early -> new Object[] {host, early}));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("everyHost")
    void isPassedOver(String host, byte[] early) throws Exception {
        String[] alpn = host.startsWith("bytes") ? new String[0] : new String[] {"http/1.1"};
        try (TlsPeer client = TlsPeer.earlyClient(gateway.port(443), host, early, alpn)) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(client.readUntil("hello")).startsWith("HTTP/1.1 200 ");
        }
    }

    /// It is no way to keep the gateway reading.
    @ParameterizedTest
    @ValueSource(strings = {"one.example", "two.example", "bytes.example"})
    void hasABound(String host) {
        String[] alpn = host.startsWith("bytes") ? new String[0] : new String[] {"http/1.1"};
        assertThatThrownBy(() -> {
                    try (TlsPeer client = TlsPeer.earlyClient(gateway.port(443), host, records(20, 16_000), alpn)) {
                        client.readUntil("nothing");
                    }
                })
                .isInstanceOf(IOException.class);
    }
}
