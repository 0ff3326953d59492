package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Requests with a body that an HTTP/2 endpoint has not processed, and says so: they are sent again, whole.
class Http2ReplayTest {
    private static final String BODY = "all of the body";
    private static final String POST =
            "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;
    private static final int REFUSED_STREAM = 7;

    private final List<String> bodies = new CopyOnWriteArrayList<>();

    private static Target target(RawUpstream upstream) {
        return Target.start(upstream, "HTTP2", "- route: [{destination: {host: shop.internal}}]", builder -> builder);
    }

    private int nextRequest(Http2Script script) throws IOException {
        int stream = script.awaitHeaders();
        bodies.add(script.awaitData());
        return stream;
    }

    private void isServedAtTheSecondTry(RawUpstream upstream, int connections) throws Exception {
        try (Target target = target(upstream);
                RawClient client = target.connect()) {
            assertThat(client.send(POST).readResponse()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(bodies).containsExactly(BODY, BODY);
            assertThat(upstream.connectionCount()).isEqualTo(connections);
            assertThat(target.gateway.firstFacts().attempts).isEqualTo(2);
            target.slotsAreFree();
        }
    }

    @Test
    void aBodyThatAGoAwayLeftOutIsSentAgain() throws Exception {
        isServedAtTheSecondTry(
                RawUpstream.start(connection -> {
                    Http2Script script = new Http2Script(connection);
                    int stream = nextRequest(script);
                    script.send(
                            bodies.size() == 1
                                    ? Frames.goAway(0, 0)
                                    : Frames.headers(stream, true, ":status", "200", "content-length", "0"));
                    script.readToEnd();
                }),
                2);
    }

    @Test
    void aBodyOfARefusedStreamIsSentAgain() throws Exception {
        isServedAtTheSecondTry(
                RawUpstream.start(connection -> {
                    Http2Script script = new Http2Script(connection);
                    script.send(Frames.reset(nextRequest(script), REFUSED_STREAM));
                    script.send(Frames.headers(nextRequest(script), true, ":status", "200", "content-length", "0"));
                    script.readToEnd();
                }),
                1);
    }

    /// Nobody knows how many streams a new connection allows: what it refuses costs no budget of retries.
    @Test
    void whatAColdConnectionRefusesIsSentAgainWithoutABudget() throws Exception {
        int allowed = 10;
        int requests = 60;
        AtomicBoolean cold = new AtomicBoolean(true);
        RawUpstream upstream = RawUpstream.start(connection -> {
            boolean first = cold.getAndSet(false);
            Http2Script script = first ? Http2Script.silent(connection) : new Http2Script(connection, limit(allowed));
            if (first) {
                int[] streams = new int[requests];
                for (int i = 0; i < requests; i++) {
                    streams[i] = script.awaitHeaders();
                }
                script.send(limit(allowed), Frames.settingsAck());
                for (int i = 0; i < requests; i++) {
                    script.send(i < allowed ? ok(streams[i]) : Frames.reset(streams[i], REFUSED_STREAM));
                }
            }
            while (true) {
                script.send(ok(script.awaitHeaders()));
            }
        });
        try (Target target = target(upstream);
                H2Client client = target.connect2()) {
            for (int i = 0; i < requests; i++) {
                client.send(Frames.headers(2 * i + 1, true, H2Client.request("GET", "/")));
            }
            for (int i = 0; i < requests; i++) {
                SentFrame answer = client.await(frame -> frame.type() == Frames.HEADERS);
                assertThat(answer.fields()).contains(":status=200");
            }
        }
    }

    private static ByteBuf limit(int streams) {
        return Frames.settings(3, streams);
    }

    private static ByteBuf ok(int stream) {
        return Frames.headers(stream, true, ":status", "200", "content-length", "0");
    }
}
