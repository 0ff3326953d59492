package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;
import static io.sallyport.http.h1.ServerHarness.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.http.ClientStream;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// An upstream connection: requests on the wire, and when its one slot is free.
class ClientConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

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
            client.output();
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
    void whatComesInTheRoundOfTheRequestIsNotItsResponse() {
        try (ClientHarness client = new ClientHarness()) {
            client.get();
            client.channel.pipeline().fireChannelRead(ascii(OK));
            client.channel.pipeline().fireChannelReadComplete();

            assertThat(client.output()).isEmpty();
            assertThat(client.events).containsExactly("reset REFUSED http1.unsolicited_response", "closed");
        }
    }

    @Test
    void aConnectionThatClosesInTheRoundOfTheRequestIsSafeToRetry() {
        try (ClientHarness client = new ClientHarness()) {
            client.open(request("POST", "/"), true);
            client.connection.close();

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
            client.output();
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

    private static RequestHead edit(RequestHead head, Consumer<RequestHead> change) {
        change.accept(head);
        return head;
    }
}
