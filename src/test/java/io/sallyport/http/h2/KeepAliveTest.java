package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Questions to an endpoint whether it is still there.
class KeepAliveTest {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ALMOST = TIMEOUT.minusMillis(1);

    private final RecordingOwner owner = new RecordingOwner();

    private TestPeer connect() {
        TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT, new KeepAlive(INTERVAL, TIMEOUT));
        peer.send(Frames.settings());
        peer.sent();
        owner.events.clear();
        return peer;
    }

    private static long ping(TestPeer peer) {
        List<SentFrame> sent = peer.sent();
        assertThat(sent).singleElement().asString().startsWith("0 PING");
        return Unpooled.wrappedBuffer(sent.getFirst().payload()).readLong();
    }

    @Test
    void anEndpointThatAnswersIsAskedEveryInterval() {
        try (TestPeer peer = connect()) {
            for (int i = 0; i < 5; i++) {
                peer.elapse(INTERVAL);
                peer.send(Frames.pingAck(ping(peer)));
            }
            peer.elapse(INTERVAL.minusMillis(1));

            assertThat(peer.sent()).isEmpty();
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void oneThatDoesNotIsGivenUpWithItsStreams() {
        try (TestPeer peer = connect()) {
            RecordingResponse response = new RecordingResponse();
            peer.clientConnection()
                    .open(
                            new RequestHead(HttpVersion.HTTP_1_1, "GET", "http", "a.example", "/", new Headers()),
                            true,
                            response)
                    .flush();
            peer.sent();
            peer.elapse(INTERVAL);
            ping(peer);
            peer.elapse(ALMOST);
            assertThat(peer.isClosed()).isFalse();
            peer.elapse(Duration.ofMillis(1));

            assertThat(peer.isClosed()).isTrue();
            assertThat(response.events).containsExactly("CONNECTION_CLOSED http2.connection_closed");
            assertThat(owner.events).containsExactly("closed");
        }
    }

    @Test
    void whateverArrivesShowsThatItIsThere() {
        try (TestPeer peer = connect()) {
            peer.elapse(INTERVAL);
            long data = ping(peer);
            peer.elapse(ALMOST);
            peer.send(Frames.windowUpdate(0, 1));
            peer.elapse(ALMOST);
            assertThat(peer.isClosed()).isFalse();

            peer.send(Frames.pingAck(data));
            peer.elapse(INTERVAL);
            ping(peer);
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void withoutASettingNothingIsAsked() {
        try (TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT)) {
            peer.send(Frames.settings());
            peer.sent();
            peer.elapse(Duration.ofDays(1));

            assertThat(peer.sent()).isEmpty();
        }
    }
}
