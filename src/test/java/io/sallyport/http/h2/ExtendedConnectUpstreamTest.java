package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests to switch protocols, sent to an endpoint over HTTP/2 (RFC 8441).
class ExtendedConnectUpstreamTest {
    private static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final RecordingOwner owner = new RecordingOwner();
    private final RecordingResponse response = new RecordingResponse();

    private TestPeer connect(int... settings) {
        TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT);
        peer.send(Frames.settings(settings));
        peer.sent();
        return peer;
    }

    private static RequestHead head() {
        Headers headers = new Headers()
                .add(HeaderNames.SEC_WEBSOCKET_KEY, KEY)
                .add(HeaderNames.SEC_WEBSOCKET_VERSION, "13")
                .add(HeaderNames.CONTENT_LENGTH, "0");
        RequestHead head = new RequestHead(HttpVersion.HTTP_1_1, "GET", "http", "a.example", "/chat", headers);
        head.upgrade = "websocket";
        return head;
    }

    private ClientStream open(TestPeer peer) {
        ClientStream stream = peer.clientConnection().open(head(), true, response);
        stream.flush();
        return stream;
    }

    private ClientStream switched(TestPeer peer) {
        ClientStream stream = open(peer);
        peer.send(Frames.headers(3, false, ":status", "200"));
        peer.sent();
        return stream;
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void itIsSentWithoutKeyAndLengthAndItsAnswerIsASwitch() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            ClientStream stream = open(peer);
            assertThat(peer.sentText())
                    .containsExactly("3 HEADERS :method=CONNECT,:protocol=websocket,:scheme=http,:path=/chat,"
                            + ":authority=a.example,sec-websocket-version=13");
            peer.send(
                    Frames.headers(3, false, ":status", "200", "sec-websocket-protocol", "chat"),
                    Frames.data(3, "down", false));
            stream.writeData(text("up"), false);
            stream.flush();

            assertThat(response.head.status).isEqualTo(101);
            assertThat(response.head.headers.toString())
                    .isEqualTo("sec-websocket-protocol: chat\nsec-websocket-accept: " + ACCEPT + "\n");
            assertThat(response.body).hasToString("down");
            assertThat(peer.sentText()).contains("3 DATA up");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 299})
    void everySuccessSwitchesWhateverLengthItDeclares(int status) {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            open(peer);
            peer.send(
                    Frames.headers(3, false, ":status", "" + status, "content-length", "1"),
                    Frames.data(3, "more than one", false));

            assertThat(response.events).containsExactly("head 101");
            assertThat(response.body).hasToString("more than one");
            assertThat(response.head.headers.contains(HeaderNames.CONTENT_LENGTH))
                    .isFalse();
        }
    }

    @Test
    void aRefusalEndsTheStreamOnBothSides() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            open(peer);
            peer.sent();
            peer.send(Frames.headers(3, false, ":status", "403"), Frames.data(3, "no", true));

            assertThat(response.events).containsExactly("head 403", "end");
            assertThat(response.body).hasToString("no");
            assertThat(peer.sentText()).containsExactly("3 DATA  END");
            assertThat(peer.clientConnection().activeStreams()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    void whereItIsNotAnnouncedItIsNotSent(int setting) {
        try (TestPeer peer = setting < 0 ? connect() : connect(ENABLE_CONNECT_PROTOCOL, setting)) {
            ClientStream stream = open(peer);
            assertThat(stream.connection()).isSameAs(peer.clientConnection());
            peer.channel.runPendingTasks();

            assertThat(response.events).containsExactly("UNSUPPORTED http2.extended_connect_not_announced");
            assertThat(peer.sentText()).isEmpty();
            assertThat(peer.clientConnection().activeStreams()).isZero();

            RequestHead plain = new RequestHead(HttpVersion.HTTP_1_1, "GET", "http", "a.example", "/", new Headers());
            peer.clientConnection().open(plain, true, new RecordingResponse()).flush();
            assertThat(peer.sentText()).singleElement().asString().startsWith("5 HEADERS :method=GET");
        }
    }

    @Test
    void whoGivesUpBeforeThatIsSaidHearsNothing() {
        try (TestPeer peer = connect()) {
            ClientStream stream = peer.clientConnection().open(head(), true, response);
            stream.reset(StreamError.CANCEL);
            peer.channel.runPendingTasks();

            assertThat(response.events).isEmpty();
            assertThat(peer.sentText()).isEmpty();
            assertThat(peer.clientConnection().activeStreams()).isZero();
        }
    }

    @Test
    void aSettingThatIsNeitherZeroNorOneEndsTheConnection() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 2)) {
            assertThat(owner.events).contains("closed");
        }
    }

    @Test
    void eachSideEndsForItself() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            ClientStream stream = switched(peer);
            peer.send(Frames.data(3, "bye", true));
            assertThat(response.events).containsExactly("head 101", "end");
            stream.writeData(text("still here"), false);
            stream.writeData(Unpooled.EMPTY_BUFFER, true);
            stream.flush();

            assertThat(String.join("", peer.sentText())).isEqualTo("3 DATA still here END");
            assertThat(peer.clientConnection().activeStreams()).isZero();
        }
    }

    @Test
    void anEndpointMaySwitchAndEndAtOnce() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            ClientStream stream = open(peer);
            peer.send(Frames.headers(3, true, ":status", "200"));

            assertThat(response.events).containsExactly("head 101", "end");
            stream.writeData(Unpooled.EMPTY_BUFFER, true);
            stream.flush();
            assertThat(peer.sentText()).last().asString().isEqualTo("3 DATA  END");
            assertThat(peer.clientConnection().activeStreams()).isZero();
        }
    }

    @Test
    void aResetAfterTheEndpointsEndIsHeardOf() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            switched(peer);
            peer.send(Frames.data(3, "bye", true), Frames.reset(3, 8));

            assertThat(response.events).containsExactly("head 101", "end", "CANCEL http2.remote_reset.cancel");
        }
    }

    @Test
    void fieldsBehindTheAnswerAreAnError() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            switched(peer);
            peer.send(Frames.headers(3, true, "a", "1"));

            assertThat(response.events).containsExactly("head 101", "PROTOCOL_ERROR http2.headers_in_tunnel");
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 1");
        }
    }

    @Test
    void a101IsNoAnswerOfHttp2() {
        try (TestPeer peer = connect(ENABLE_CONNECT_PROTOCOL, 1)) {
            open(peer);
            peer.send(Frames.headers(3, false, ":status", "101"));

            assertThat(response.events).containsExactly("PROTOCOL_ERROR http2.bad_status");
        }
    }
}
