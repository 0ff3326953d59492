package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;
import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerResponseTest.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.http.ClientStream;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// An upstream connection: requests on the wire, and when its one slot is free.
class ClientConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(
                        "Host comes first",
                        edit(request("GET", "/x?y", "accept", "*/*"), h -> {}),
                        true,
                        "GET /x?y HTTP/1.1|host: a.example|accept: */*||"),
                Arguments.of(
                        "an undeclared body is chunked",
                        edit(request("POST", "/"), h -> h.contentLength = RequestHead.UNKNOWN_LENGTH),
                        false,
                        "POST / HTTP/1.1|host: a.example|transfer-encoding: chunked||3|abc|0||"),
                Arguments.of(
                        "a declared one keeps its length",
                        edit(request("POST", "/", "content-length", "3"), h -> h.contentLength = 3),
                        false,
                        "POST / HTTP/1.1|host: a.example|content-length: 3||abc"),
                Arguments.of(
                        "POST without content says so",
                        request("POST", "/"),
                        true,
                        "POST / HTTP/1.1|host: a.example|content-length: 0||"),
                Arguments.of(
                        "a stray length is not sent",
                        edit(
                                request(
                                        "GET",
                                        "/",
                                        "content-length",
                                        "7",
                                        "transfer-encoding",
                                        "x",
                                        "host",
                                        "b",
                                        "connection",
                                        "y"),
                                h -> h.contentLength = RequestHead.UNKNOWN_LENGTH),
                        true,
                        "GET / HTTP/1.1|host: a.example|content-length: 0||"),
                Arguments.of(
                        "te is named in connection",
                        request("GET", "/", "te", "trailers"),
                        true,
                        "GET / HTTP/1.1|host: a.example|te: trailers|connection: te||"),
                Arguments.of(
                        "an upgrade",
                        edit(request("GET", "/"), h -> h.upgrade = "websocket"),
                        true,
                        "GET / HTTP/1.1|host: a.example|connection: upgrade|upgrade: websocket||"),
                Arguments.of(
                        "an expectation",
                        edit(request("PUT", "/"), h -> {
                            h.contentLength = 3;
                            h.expectsContinue = true;
                        }),
                        false,
                        "PUT / HTTP/1.1|host: a.example|content-length: 3|expect: 100-continue||abc"),
                Arguments.of(
                        "CONNECT",
                        edit(request("CONNECT", ""), h -> h.authority = "b:443"),
                        true,
                        "CONNECT b:443 HTTP/1.1|host: b:443||"),
                Arguments.of(
                        "a path that would split the request is encoded",
                        request("GET", "/a b\r\nX: y\u00e9\u010a#"),
                        true,
                        "GET /a%20b%0D%0AX:%20y%C3%A9%C4%8A%23 HTTP/1.1|host: a.example||"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void requests(String story, RequestHead head, boolean end, String wire) {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(head, end);
            if (!end) {
                stream.writeData(ascii("abc"), true);
                stream.flush();
            }

            assertThat(client.output()).as(story).isEqualTo(wire.replace("|", "\r\n"));
        }
    }

    @Test
    void theSlotIsTakenWhileTheExchangeLasts() {
        try (ClientHarness client = new ClientHarness()) {
            assertThat(client.connection.availableStreams()).isEqualTo(1);
            client.get();
            assertThat(client.connection.availableStreams()).isZero();
            assertThat(client.connection.activeStreams()).isEqualTo(1);
            assertThatThrownBy(client::get).isInstanceOf(IllegalStateException.class);

            client.send(OK);
            assertThat(client.connection.availableStreams()).isEqualTo(1);
            client.get();
            client.send(OK);
            assertThat(client.events)
                    .containsExactly(
                            "head 200 content-length: 0; end",
                            "available 1",
                            "head 200 content-length: 0; end",
                            "available 1");
        }
    }

    @Test
    void surplusThatComesWithTheSameReadIsNeverGivenToTheNextRequest() {
        try (ClientHarness client = new ClientHarness()) {
            client.onAvailable = _ -> client.get();
            client.get();
            client.channel.pipeline().fireChannelRead(ascii(OK));
            client.channel.pipeline().fireChannelRead(ascii("HTTP/1.1 200 poison\r\nContent-Length: 0\r\n\r\n"));
            client.channel.pipeline().fireChannelReadComplete();
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("head 200 content-length: 0; end", "closed");
        }
    }

    @Test
    void bytesBeforeTheRequestIsSentAreNotItsResponse() {
        try (ClientHarness client = new ClientHarness()) {
            client.connection.open(request("GET", "/"), true, client);
            client.send(OK);
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("reset REFUSED http1.unsolicited_response", "closed");
        }
    }

    @Test
    void aConnectionThatWasClosedBeforeTheRequestWasSentIsSafeToRetry() {
        try (ClientHarness client = new ClientHarness()) {
            client.connection.open(request("POST", "/"), true, client);
            client.channel.close();

            assertThat(client.events).containsExactly("reset REFUSED http1.upstream_closed", "closed");
        }
    }

    @Test
    void bytesOnAnIdleConnectionCloseIt() {
        try (ClientHarness client = new ClientHarness()) {
            client.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("closed");
        }
    }

    @Test
    void anEarlyResponseIsRelayedAndTheConnectionNotReused() {
        try (ClientHarness client = new ClientHarness()) {
            RequestHead head = edit(request("POST", "/"), h -> h.contentLength = 100);
            ClientStream stream = client.open(head, false);
            client.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
            stream.writeData(ascii("late"), false);
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("head 413 content-length: 0; end", "closed");
        }
    }

    @Test
    void anEarlyResponseAndTheRestOfTheRequestCanEndInAnyOrder() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(edit(request("POST", "/"), h -> h.contentLength = 4), false);
            client.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            stream.writeData(ascii("late"), true);
            client.send("cd");

            assertThat(client.events).containsExactly("head 200 content-length: 4; ", "end", "available 1");
        }
    }

    @Test
    void continueIsToldOnlyToThoseWhoAskedForIt() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(
                    edit(request("POST", "/"), h -> {
                        h.contentLength = 1;
                        h.expectsContinue = true;
                    }),
                    false);
            client.send("HTTP/1.1 100 Continue\r\n\r\n");
            stream.writeData(ascii("a"), true);
            stream.flush();
            client.send(OK);

            assertThat(client.events)
                    .containsExactly("informational 100 ", "head 200 content-length: 0; end", "available 1");
        }
    }

    @Test
    void resetClosesTheConnectionAndTellsTheOwnerAlone() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.get();
            stream.reset(StreamError.CANCEL);
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("closed");
        }
    }

    @Test
    void closingTellsTheListenerFirst() {
        try (ClientHarness client = new ClientHarness()) {
            client.get();
            client.connection.close();
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("reset CONNECTION_CLOSED http1.upstream_closed", "closed");
        }
    }

    @Test
    void drainingLetsTheExchangeEnd() {
        try (ClientHarness client = new ClientHarness()) {
            client.get();
            client.connection.drain();
            assertThat(client.connection.availableStreams()).isZero();
            client.send(OK);
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("head 200 content-length: 0; end", "closed");
        }
    }

    @Test
    void drainingAnIdleConnectionClosesIt() {
        try (ClientHarness client = new ClientHarness()) {
            client.connection.drain();
            client.channel.runPendingTasks();

            assertThat(client.events).containsExactly("closed");
        }
    }

    @Test
    void contentThatDoesNotFitItsLengthCutsTheConnection() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(edit(request("POST", "/"), h -> h.contentLength = 3), false);
            stream.writeData(ascii("abcd"), true);
            client.channel.runPendingTasks();

            assertThat(client.events)
                    .containsExactlyInAnyOrder("reset INTERNAL_ERROR http1.content_length_mismatch", "closed");
            assertThat(client.output()).doesNotContain("abcd");
        }
    }

    @Test
    void upgradedConnectionsCarryRawBytesBothWays() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(edit(request("GET", "/"), h -> h.upgrade = "websocket"), true);
            client.output();
            client.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Accept: x\r\n\r\nHTTP/1.1 ");
            stream.writeData(ascii("up"), false);
            stream.flush();
            client.send("raw");

            assertThat(client.output()).isEqualTo("up");
            assertThat(client.body).hasToString("HTTP/1.1 raw");
            assertThat(client.events).containsExactly("draining", "head 101 sec-websocket-accept: x; ");
            client.end();
            assertThat(client.events).endsWith("end");
            stream.writeData(ascii("last"), true);
            assertThat(client.output()).isEqualTo("last");
            assertThat(client.events).endsWith("closed");
        }
    }

    @Test
    void aSwitchToSomethingElseThanAskedForIsRefused() {
        try (ClientHarness client = new ClientHarness()) {
            client.open(edit(request("GET", "/"), h -> h.upgrade = "websocket"), true);
            client.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");

            assertThat(client.events.getFirst()).isEqualTo("reset PROTOCOL_ERROR http1.unsolicited_switch");
        }
    }

    @Test
    void aRefusedUpgradeLeavesTheConnectionReusable() {
        try (ClientHarness client = new ClientHarness()) {
            client.open(edit(request("GET", "/"), h -> h.upgrade = "websocket"), true);
            client.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.events).endsWith("available 1");
        }
    }

    @Test
    void connectBecomesATunnelOnSuccess() {
        try (ClientHarness client = new ClientHarness()) {
            client.open(edit(request("CONNECT", ""), h -> h.authority = "b:443"), true);
            client.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nraw");

            assertThat(client.events).containsExactly("draining", "head 200 ");
            assertThat(client.body).hasToString("raw");
        }
    }

    @Test
    void pausedReadingEndsWithTheExchange() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.get();
            stream.pauseReading();
            assertThat(client.channel.config().isAutoRead()).isFalse();
            client.send(OK);

            assertThat(client.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void anEndpointThatReadsNothingIsCutOff() {
        try (ClientHarness client = new ClientHarness()) {
            client.stuck = true;
            client.get();
            client.advance(Duration.ofSeconds(320));

            assertThat(client.events).containsExactly("reset TIMEOUT http1.write_timeout", "closed");
        }
    }

    @Test
    void everySlotIsFreeAfterTenThousandBrokenExchanges() {
        int closed = 0;
        for (int i = 0; i < 10_000; i++) {
            try (ClientHarness client = new ClientHarness()) {
                ClientStream stream = client.open(
                        edit(request("POST", "/"), h -> h.contentLength = RequestHead.UNKNOWN_LENGTH), i % 2 == 0);
                switch (i % 5) {
                    case 0 -> client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
                    case 1 -> stream.reset(StreamError.CANCEL);
                    case 2 -> client.send("nonsense");
                    case 3 ->
                        client.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
                                .end();
                    default -> client.send(OK + "surplus");
                }
                client.channel.runPendingTasks();
                closed += client.events.contains("closed") ? 1 : 0;
            }
        }
        assertThat(closed).isEqualTo(10_000);
    }

    @Test
    void trailersEndARequest() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream =
                    client.open(edit(request("POST", "/"), h -> h.contentLength = RequestHead.UNKNOWN_LENGTH), false);
            stream.writeTrailers(fields("x-sum", "1", "content-length", "5"));
            stream.flush();

            assertThat(client.output()).endsWith("\r\n\r\n0\r\nx-sum: 1\r\n\r\n");
        }
    }

    private static RequestHead edit(RequestHead head, Consumer<RequestHead> change) {
        change.accept(head);
        return head;
    }
}
