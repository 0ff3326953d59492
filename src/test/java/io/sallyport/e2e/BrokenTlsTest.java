package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsPeer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A client whose TLS breaks gets an alert, and its connection ends at once (RFC 8446 section 6.2): on both engines,
/// whatever breaks, and whatever the connection is doing.
@Timeout(120)
class BrokenTlsTest {
    private static final int UNEXPECTED_MESSAGE = 10;
    private static final int BAD_RECORD_MAC = 20;
    private static final int RECORD_OVERFLOW = 22;
    private static final int DECODE_ERROR = 50;
    /// Those of RFC 8446 section 6.2, and of RFC 5246 section 7.2.2 that it has dropped.
    private static final List<Integer> ALERTS = List.of(
            10, 20, 21, 22, 30, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 70, 71, 80, 86, 109, 110, 112, 113, 115,
            116, 120, 200);

    private static final String GET = "GET / HTTP/1.1\r\nHost: %s\r\n\r\n";
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private static RawUpstream upstream;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                awaitNothing();
            }
        });
        gateway = EveryTlsEngine.start(AUTHORITY, upstream.port());
    }

    @AfterAll
    static void stop() {
        NEVER.countDown();
        gateway.close();
        upstream.close();
    }

    private static void awaitNothing() {
        try {
            NEVER.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] record(int type, int length) {
        byte[] record = new byte[5 + length];
        record[0] = (byte) type;
        record[1] = 3;
        record[2] = 3;
        record[3] = (byte) (length >> 8);
        record[4] = (byte) length;
        for (int i = 5; i < record.length; i++) {
            record[i] = (byte) (i * 31);
        }
        return record;
    }

    /// A broken thing, the connection's version, and the alerts that name it.
    private record Breach(String name, byte[] bytes, List<Integer> alerts) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Breach> breaches() {
        return List.of(
                new Breach("48 random bytes", record(23, 48), List.of(BAD_RECORD_MAC)),
                new Breach("64 random bytes", record(23, 64), List.of(BAD_RECORD_MAC)),
                new Breach("the largest record", record(23, 16_640), List.of(BAD_RECORD_MAC, RECORD_OVERFLOW)),
                new Breach("shorter than a tag", record(23, 3), List.of(BAD_RECORD_MAC, DECODE_ERROR)),
                new Breach(
                        "a handshake message in the clear",
                        record(22, 40),
                        List.of(UNEXPECTED_MESSAGE, BAD_RECORD_MAC, DECODE_ERROR)),
                new Breach(
                        "an alert in the clear",
                        new byte[] {21, 3, 3, 0, 2, 2, 40},
                        List.of(-1, UNEXPECTED_MESSAGE, BAD_RECORD_MAC, DECODE_ERROR)),
                new Breach(
                        "no TLS",
                        "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                        List.of(-1, UNEXPECTED_MESSAGE, BAD_RECORD_MAC, RECORD_OVERFLOW, 70, DECODE_ERROR)));
    }

    private static Stream<Arguments> connections() {
        List<Arguments> all = new ArrayList<>();
        for (String host : List.of("one.example", "two.example", "bytes.example")) {
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                for (String use : host.startsWith("bytes")
                        ? List.of("bytes")
                        : List.of("http/1.1 idle", "http/1.1 in a head", "http/1.1 waiting", "h2")) {
                    all.add(Arguments.of(host, version, use));
                }
            }
        }
        return all.stream();
    }

    private static TlsPeer open(String host, String version, String use) throws Exception {
        TlsPeer client = use.equals("bytes")
                ? TlsPeer.client(gateway.port(443), host, version)
                : TlsPeer.client(gateway.port(443), host, version, use.split(" ")[0]);
        switch (use) {
            case "http/1.1 in a head" -> client.send("GET / HTTP/1.1\r\n");
            case "h2" -> {
                client.send(PREFACE);
                client.readUntil("\0\0\0\4\1");
            }
            case "http/1.1 waiting" -> {
                int before = upstream.received().length();
                client.send(GET.formatted(host));
                Awaitility.await().until(() -> upstream.received().length() > before);
            }
            default -> {}
        }
        return client;
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("connections")
    void aBrokenRecordIsAnsweredByAnAlertAndTheEnd(String host, String version, String use) throws Exception {
        for (Breach breach : breaches()) {
            try (TlsPeer client = open(host, version, use)) {
                long start = System.nanoTime();
                client.sendRaw(breach.bytes());
                assertThat(client.awaitEnd().alert()).as("%s", breach).isIn(breach.alerts());
                client.awaitClosed();
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("%s", breach)
                        .isLessThan(Duration.ofSeconds(4));
            }
        }
    }

    /// All but those on BoringSSL whose response is owed: there an alert looks like the end.
    private static Stream<Arguments> seenConnections() {
        return connections()
                .filter(connection -> !connection.get()[2].equals("http/1.1 waiting")
                        || connection.get()[0].equals(EveryTlsEngine.ON_THE_JDK));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("seenConnections")
    void aFatalAlertOfTheClientIsTheEnd(String host, String version, String use) throws Exception {
        for (int alert : ALERTS) {
            try (TlsPeer client = open(host, version, use)) {
                long start = System.nanoTime();
                client.alert(alert);
                client.awaitClosed();
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("alert %d", alert)
                        .isLessThan(Duration.ofSeconds(4));
            }
        }
    }

    /// An encrypted alert looks like a close_notify to who may not read it, after which an answer that is owed is still
    /// sent: for 5 s.
    @Test
    void anAlertThatLooksLikeTheEndIsTheEndOfWhatIsOwedAtLast() throws Exception {
        try (TlsPeer older = open("one.example", "TLSv1.2", "http/1.1 waiting");
                TlsPeer newer = open("one.example", "TLSv1.3", "http/1.1 waiting")) {
            long start = System.nanoTime();
            older.alert(80);
            newer.alert(80);
            older.awaitClosed();
            newer.awaitClosed();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
        }
    }

    private static byte[] clientHello(String host, String version) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(host, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        parameters.setProtocols(new String[] {version});
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "one.example, TLSv1.2", "one.example, TLSv1.3", "two.example, TLSv1.2",
        "two.example, TLSv1.3", "bytes.example, TLSv1.2", "bytes.example, TLSv1.3"
    })
    void soIsWhatBreaksTheHandshake(String host, String version) throws Exception {
        List<Breach> all = new ArrayList<>(breaches());
        ALERTS.forEach(alert ->
                all.add(new Breach("alert " + alert, new byte[] {21, 3, 3, 0, 2, 2, alert.byteValue()}, List.of())));
        for (Breach breach : all) {
            for (boolean early : List.of(true, false)) {
                try (RawClient client = new RawClient(gateway.port(443))) {
                    client.send(clientHello(host, version));
                    if (!early) {
                        client.readBytes(5);
                    }
                    long start = System.nanoTime();
                    client.send(breach.bytes());
                    client.readToEnd();
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .as("%s", breach)
                            .isLessThan(Duration.ofSeconds(4));
                }
            }
        }
    }
}
