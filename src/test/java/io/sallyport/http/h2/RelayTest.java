package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/// A client, a relay and a server, joined by real sockets: what goes in comes out, however it is cut and paused.
class RelayTest {
    private final TestNetwork network = new TestNetwork();
    private final RecordingOwner owner = new RecordingOwner();
    private Http2ClientConnection upstream;
    private Http2ClientConnection client;

    @BeforeEach
    void connect() throws Exception {
        SocketAddress server = network.serve(new EchoReceiver(), HttpLimits.DEFAULT);
        upstream = network.connect(server, new RecordingOwner());
        SocketAddress relay = network.serve(new RelayReceiver(() -> upstream), HttpLimits.DEFAULT);
        client = network.connect(relay, owner);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private static RequestHead head(String method, String path) {
        return new RequestHead(HttpVersion.HTTP_2, method, "http", "a.example", path, new Headers());
    }

    @Test
    void requestWithoutBodyIsAnswered() throws Exception {
        RecordingResponse response = new RecordingResponse();
        network.onLoop(() -> {
            ClientStream stream = client.open(head("GET", "/a"), true, response);
            stream.flush();
            return stream;
        });

        assertThat(response.done.get(10, TimeUnit.SECONDS)).isEqualTo("end");
        assertThat(response.head.status).isEqualTo(200);
        assertThat(response.body).hasToString("hello /a");
    }

    @Test
    void trailersPassBothWays() throws Exception {
        RecordingResponse response = new RecordingResponse();
        network.onLoop(() -> {
            ClientStream stream = client.open(head("POST", "/"), false, response);
            stream.writeData(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII), false);
            stream.writeTrailers(new Headers().add(AsciiString.of("grpc-status"), "0"));
            stream.flush();
            return stream;
        });

        assertThat(response.done.get(10, TimeUnit.SECONDS)).isEqualTo("trailers grpc-status: 0;");
        assertThat(response.body).hasToString("body");
    }

    /// Many bodies at once, cut at random, each sender and reader pausing at random.
    @RepeatedTest(20)
    void anyChunkingArrivesIntact(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Transfer> transfers = new ArrayList<>();
        int count = 1 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            transfers.add(new Transfer(client, random.nextLong()));
        }
        for (Transfer transfer : transfers) {
            network.onLoop(() -> {
                transfer.start(head("POST", "/"));
                return null;
            });
        }

        for (Transfer transfer : transfers) {
            assertThat(transfer.done.get(20, TimeUnit.SECONDS)).isEqualTo("intact");
        }
        assertThat(network.onLoop(() -> upstream.activeStreams())).isZero();
        assertThat(network.onLoop(() -> client.availableStreams())).isEqualTo(100);
    }
}
