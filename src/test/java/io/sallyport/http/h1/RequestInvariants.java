package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// What holds for every sequence of bytes that a client can send.
final class RequestInvariants {
    private RequestInvariants() {}

    /// The connection survives or ends, without an exception, a hang or a leak (the harnesses see to the last); and
    /// each request that is taken means the same to us and to another server when it is sent on.
    static void check(byte[] bytes, Random random, Http1Options options) {
        List<Exchange> taken = new ArrayList<>();
        try (ServerHarness server = new ServerHarness(HttpLimits.DEFAULT, options).answeringAtTheEnd()) {
            for (int at = 0; at < bytes.length; ) {
                int next = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : 1000));
                server.send(Arrays.copyOfRange(bytes, at, next));
                at = next;
            }
            server.output();
            taken.addAll(server.exchanges);
            assertThat(server.rejections).hasSizeLessThanOrEqualTo(1);
            if (!server.rejections.isEmpty()) {
                server.advance(Http1Options.DEFAULT.discardTime());
                assertThat(server.isOpen()).as("open after a refusal").isFalse();
            }
        }
        for (Exchange exchange : taken) {
            // Without a Host, as HTTP/1.0 may be, no route is found.
            assertThat(exchange.head.scheme).isIn("http", "https");
            assertThat(exchange.head.headers.toString())
                    .doesNotContainPattern("(^|\n)proxy-auth(enticate|orization): ");
            if (exchange.ended && !exchange.head.authority.isEmpty()) {
                String wire = sendOn(exchange);
                checkOurselves(exchange, wire);
                checkNetty(exchange, wire);
            }
        }
    }

    /// The bytes that an endpoint gets for this request.
    private static String sendOn(Exchange exchange) {
        try (ClientHarness client = new ClientHarness()) {
            RequestHead head = copy(exchange.head);
            boolean empty = exchange.body().isEmpty() && exchange.trailers == null;
            var stream = client.open(head, empty && head.contentLength == 0);
            if (!empty || head.contentLength != 0) {
                stream.writeData(ServerHarness.ascii(exchange.body()), exchange.trailers == null);
                if (exchange.trailers != null) {
                    stream.writeTrailers(exchange.trailers.copy());
                }
            }
            stream.flush();
            return client.output();
        }
    }

    private static void checkOurselves(Exchange exchange, String wire) {
        try (ServerHarness server = new ServerHarness().answeringAtTheEnd()) {
            server.send(wire);
            assertThat(server.rejections).as(wire).isEmpty();
            assertThat(server.exchanges).as(wire).hasSize(1);
            Exchange again = server.last();
            assertThat(again.ended).as(wire).isTrue();
            assertThat(again.head.method).isEqualTo(exchange.head.method);
            assertThat(again.head.path).isEqualTo(exchange.head.path);
            assertThat(again.head.authority).isEqualTo(exchange.head.authority);
            assertThat(again.head.upgrade).isEqualTo(exchange.head.upgrade);
            assertThat(again.head.expectsContinue).isEqualTo(exchange.head.expectsContinue);
            assertThat(again.body()).isEqualTo(exchange.body());
            assertThat(String.valueOf(again.trailers)).isEqualTo(String.valueOf(exchange.trailers));
            assertThat(withoutLength(again.head)).isEqualTo(withoutLength(exchange.head));
        }
    }

    /// Another implementation sees one request in it, the same one, and nothing behind it.
    private static void checkNetty(Exchange exchange, String wire) {
        EmbeddedChannel other =
                new EmbeddedChannel(new HttpServerCodec(9000, 80_000, 8192), new HttpObjectAggregator(1 << 20));
        other.writeInbound(Unpooled.copiedBuffer(wire, StandardCharsets.ISO_8859_1));
        List<String> seen = new ArrayList<>();
        for (Object message = other.readInbound(); message != null; message = other.readInbound()) {
            FullHttpRequest request = (FullHttpRequest) message;
            seen.add(request.method() + " " + request.uri() + " "
                    + request.content().toString(StandardCharsets.ISO_8859_1) + " "
                    + request.decoderResult().isSuccess());
            request.release();
        }
        RequestHead head = exchange.head;
        String target = head.method.equals("CONNECT") ? head.authority : head.path;
        assertThat(seen).as(wire).containsExactly(head.method + " " + target + " " + exchange.body() + " true");
        other.finishAndReleaseAll();
    }

    private static RequestHead copy(RequestHead head) {
        RequestHead copy =
                new RequestHead(head.version, head.method, head.scheme, head.authority, head.path, head.headers.copy());
        copy.contentLength = head.contentLength;
        copy.upgrade = head.upgrade;
        copy.expectsContinue = head.expectsContinue;
        return copy;
    }

    private static String withoutLength(RequestHead head) {
        RequestHead copy = copy(head);
        copy.headers.remove(HeaderNames.CONTENT_LENGTH);
        return copy.headers.toString();
    }
}
