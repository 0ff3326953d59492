package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// What holds for every sequence of bytes that an endpoint can send.
final class ResponseInvariants {
    private ResponseInvariants() {}

    /// The exchange ends exactly once, the slot is free or the connection closed, nothing leaks; and a response that
    /// was taken whole says the same to a client that it is relayed to.
    static void check(byte[] bytes, Random random) {
        try (ClientHarness client = new ClientHarness()) {
            client.get();
            for (int at = 0; at < bytes.length; ) {
                int next = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : 1000));
                client.send(new String(bytes, at, next - at, StandardCharsets.ISO_8859_1));
                at = next;
            }
            client.end();

            assertThat(client.channel.isOpen()).isFalse();
            assertThat(client.connection.activeStreams()).isZero();
            assertThat(client.events.stream().filter(ResponseInvariants::isEnd))
                    .as("%s", client.events)
                    .hasSize(1);
            assertThat(client.events.getLast()).isEqualTo("closed");
            if (client.head != null && client.events.stream().noneMatch(event -> event.startsWith("reset"))) {
                relay(client);
            }
        }
    }

    private static boolean isEnd(String event) {
        return event.equals("end")
                || event.startsWith("trailers")
                || event.startsWith("reset")
                || (event.startsWith("head") && event.endsWith("end"));
    }

    private static void relay(ClientHarness received) {
        String wire;
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            var stream = server.last().stream;
            boolean empty = received.body.isEmpty() && received.trailers == null;
            stream.writeHead(new ResponseHead(received.head.status, received.head.headers.copy()), empty);
            if (!empty) {
                stream.writeData(ServerHarness.ascii(received.body.toString()), received.trailers == null);
                stream.writeTrailers(received.trailers == null ? new Headers(0) : received.trailers.copy());
            }
            stream.flush();
            wire = server.output();
        }
        try (ClientHarness again = new ClientHarness()) {
            again.get();
            again.send(wire).end();
            assertThat(again.head.status).as(wire).isEqualTo(received.head.status);
            assertThat(again.body).as(wire).hasToString(received.body.toString());
            assertThat(again.events).as(wire).contains("available 1").noneMatch(event -> event.startsWith("reset"));
            assertThat(withoutLength(again.head)).isEqualTo(withoutLength(received.head));
        }
    }

    private static String withoutLength(ResponseHead head) {
        Headers copy = head.headers.copy();
        copy.remove(HeaderNames.CONTENT_LENGTH);
        return copy.toString();
    }
}
