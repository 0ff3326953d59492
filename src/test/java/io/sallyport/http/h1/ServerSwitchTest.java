package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.StreamError;
import org.junit.jupiter.api.Test;

/// Downstream connections that become something else than HTTP, or are refused to.
class ServerSwitchTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String UPGRADE =
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

    @Test
    void pipelinedRequestsAreAnsweredOneByOneInOrder() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET.formatted(1) + GET.formatted(2) + GET.formatted(3));
            assertThat(server.exchanges).hasSize(1);
            assertThat(server.channel.config().isAutoRead()).isFalse();

            for (int i = 1; i <= 3; i++) {
                assertThat(server.last().head.path).isEqualTo("/" + i);
                server.respond(server.last(), 200, "r" + i);
                assertThat(server.output()).endsWith("\r\n\r\nr" + i);
            }
            assertThat(server.exchanges).hasSize(3);
            assertThat(server.channel.config().isAutoRead()).isTrue();
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void upgradedConnectionsCarryRawBytesBothWays() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(UPGRADE + "early");
            assertThat(server.last().body()).as("not before the switch").isEmpty();
            server.last().stream.writeHead(head(101, "sec-websocket-accept", "x"), false);
            server.last().stream.writeData(ascii("down"), false);
            server.last().stream.flush();

            assertThat(server.output())
                    .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: x\r\n"
                            + "connection: upgrade\r\nupgrade: websocket\r\n\r\ndown");
            server.send("GET / HTTP/1.1\r\n");
            assertThat(server.last().body()).isEqualTo("earlyGET / HTTP/1.1\r\n");
            server.channel.close();
            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
        }
    }

    @Test
    void aRefusedUpgradeLeavesTheConnectionToHttp() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(UPGRADE + GET.formatted("next"));
            server.respond(server.last(), 403, "no");
            server.output();

            assertThat(server.last().head.path).isEqualTo("/next");
        }
    }

    @Test
    void bytesBehindConnectAreHeldUntilItIsAcceptedAndNeverParsed() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + GET.formatted("inner"));
            assertThat(server.last().ended).isFalse();
            server.last().stream.writeHead(head(200), false);
            server.last().stream.flush();

            assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
            assertThat(server.last().body()).isEqualTo(GET.formatted("inner"));
            assertThat(server.exchanges).hasSize(1);
        }
    }

    @Test
    void bytesBehindARefusedConnectAreDropped() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + GET.formatted("inner"));
            server.respond(server.last(), 405, "");
            server.send(GET.formatted("later"));

            assertThat(server.exchanges).hasSize(1);
        }
    }
}
