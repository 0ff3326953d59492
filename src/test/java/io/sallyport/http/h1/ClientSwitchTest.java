package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;
import static io.sallyport.http.h1.ServerHarness.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.http.ClientStream;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Upstream connections that become something else than HTTP, or are refused to.
class ClientSwitchTest {
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

    /// A last message of a WebSocket, and the client is gone.
    @Test
    void whatWasFlushedIsSentBeforeTheSwitchedConnectionIsCut() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(edit(request("GET", "/"), h -> h.upgrade = "websocket"), true);
            client.output();
            client.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            stream.writeData(ascii("last"), false);
            stream.flush();
            stream.reset(StreamError.CANCEL);

            assertThat(client.output()).isEqualTo("last");
            assertThat(client.events).endsWith("closed");
        }
    }

    @Test
    void aRequestThatHasNotLeftIsNotSentWhenItIsCut() {
        try (ClientHarness client = new ClientHarness()) {
            client.get().reset(StreamError.CANCEL);

            assertThat(client.output()).isEmpty();
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

    private static RequestHead edit(RequestHead head, Consumer<RequestHead> change) {
        change.accept(head);
        return head;
    }
}
