package io.sallyport.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a peer may answer that no good gRPC server does.
class GrpcAnswerTest {
    private final LoopFixture loop = LoopFixture.real(true);
    private final AtomicInteger asked = new AtomicInteger();
    private TestUpstream server;

    @AfterEach
    void stop() {
        loop.close();
        server.close();
    }

    /// @param head `status` and fields, each `name=value`
    /// @param body hexadecimal; empty for none
    /// @param trailers as the head; `-` for none
    @ParameterizedTest
    @CsvSource({
        "200 content-type=application/grpc, 0000000001aa, grpc-status=0, aa",
        "200 content-type=application/grpc+proto, 0000000001aa, grpc-status=0, aa",
        "200 content-type=application/grpc, 0000000000, grpc-status=0, ''",
        "200 content-type=application/grpc, 0000000001aa, -, UNKNOWN: no grpc-status",
        "200 content-type=application/grpc, '', grpc-status=0, INTERNAL: no message",
        "200 content-type=application/grpc, 0000000001aa0000000001bb, grpc-status=0, INTERNAL: more than one message",
        "200 content-type=application/grpc, 0000000002aa, grpc-status=0, INTERNAL: the response ends within a message",
        "200 content-type=application/grpc, 000000, grpc-status=0, INTERNAL: the response ends within a message",
        "200 content-type=application/grpc, 0100000001aa, grpc-status=0, 'INTERNAL: a message is compressed, which was not offered'",
        "200 content-type=application/grpc, 00ffffffff, grpc-status=0, 'RESOURCE_EXHAUSTED: a message has 4294967295 bytes, more than 100'",
        "200 content-type=application/grpc, 0000000065, grpc-status=0, 'RESOURCE_EXHAUSTED: a message has 101 bytes, more than 100'",
        "200 content-type=application/grpc, 0000000001aa, grpc-status=5, status 5",
        "200 content-type=application/grpc, 0000000001aa, grpc-status=99 grpc-message=%41%zz%, UNKNOWN: A%zz%",
        "200 content-type=application/grpc, 0000000001aa, grpc-status=x, UNKNOWN",
        "200 content-type=application/grpc, 0000000001aa, grpc-status=7 grpc-message=a%0Ab, PERMISSION_DENIED: a b",
        "200 content-type=application/grpc grpc-status=16, '', -, UNAUTHENTICATED",
        "200 content-type=application/grpc grpc-status=0, '', -, INTERNAL: no message",
        "200 content-type=text/html, 0000000001aa, -, UNKNOWN: no grpc-status",
        "200 content-type=text/html, 0000000001aa, grpc-status=0, UNKNOWN: no grpc-status",
        "403 content-type=text/plain, 7878, -, PERMISSION_DENIED: HTTP status 403",
        "403 content-type=application/grpc grpc-status=0, '', -, PERMISSION_DENIED: HTTP status 403",
        "503 content-type=application/grpc grpc-status=8, '', -, RESOURCE_EXHAUSTED",
        "404, '', -, UNIMPLEMENTED: HTTP status 404",
        "429, '', -, UNAVAILABLE: HTTP status 429",
        "301 location=http://elsewhere, '', -, UNKNOWN: HTTP status 301",
    })
    void anAnswerHasOneMeaning(String head, String body, String trailers, String result) {
        answer(context -> {
            boolean bare = body.isEmpty() && trailers.equals("-");
            context.write(new DefaultHttp2HeadersFrame(fields(head), bare));
            if (!body.isEmpty()) {
                context.write(new DefaultHttp2DataFrame(
                        Unpooled.wrappedBuffer(HexFormat.of().parseHex(body)), trailers.equals("-")));
            }
            if (!trailers.equals("-")) {
                context.write(new DefaultHttp2HeadersFrame(fields(trailers), true));
            }
            context.flush();
        });

        assertThat(ask()).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({
        "CANCEL, CANCELLED: http2.remote_reset, 1",
        "INTERNAL_ERROR, CANCELLED: http2.remote_reset, 1",
        "REFUSED_STREAM, UNAVAILABLE: http2.remote_reset, 2",
    })
    void aRefusedStreamIsTriedOnceMore(String error, String result, int times) {
        answer(context -> context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.valueOf(error))));

        assertThat(ask()).startsWith(result);
        assertThat(asked).hasValue(times);
    }

    @Test
    void aKeptConnectionThatTurnsOutClosedDoesNotFailTheCall() {
        answer(context -> {
            if (asked.get() == 2) {
                context.channel().parent().close();
            } else {
                context.write(new DefaultHttp2HeadersFrame(fields("200 content-type=application/grpc"), false));
                context.write(new DefaultHttp2DataFrame(
                        Unpooled.wrappedBuffer(HexFormat.of().parseHex("0000000001aa")), false));
                context.writeAndFlush(new DefaultHttp2HeadersFrame(fields("grpc-status=0"), true));
            }
        });

        assertThat(ask()).isEqualTo("aa");
        assertThat(ask()).isEqualTo("aa");
        assertThat(asked).hasValue(3);
    }

    private static Http2Headers fields(String text) {
        Http2Headers fields = new DefaultHttp2Headers();
        for (String each : text.split(" ")) {
            int equals = each.indexOf('=');
            if (equals < 0) {
                fields.status(each);
            } else {
                fields.add(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        return fields;
    }

    /// Answers each request once it is complete.
    private void answer(Consumer<ChannelHandlerContext> with) {
        server = new TestUpstream(channel -> channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer().build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new SimpleChannelInboundHandler<Object>() {
                                    @Override
                                    protected void channelRead0(ChannelHandlerContext context, Object frame) {
                                        if (frame instanceof Http2HeadersFrame) {
                                            asked.incrementAndGet();
                                            with.accept(context);
                                        }
                                    }
                                });
                            }
                        })));
        cluster = loop.cluster(LoopFixture.spec(server.endpoint()));
    }

    private Cluster cluster;

    private String ask() {
        CompletableFuture<String> told = new CompletableFuture<>();
        loop.run(() -> new UnaryCall(
                        loop.upstream,
                        cluster,
                        new GrpcQuestion("a.example", "/a/B", new Headers()),
                        Unpooled.wrappedBuffer(new byte[] {1}),
                        Duration.ofSeconds(10),
                        100,
                        new UnaryCall.Callback() {
                            @Override
                            public void onAnswer(byte[] message) {
                                told.complete(HexFormat.of().formatHex(message));
                            }

                            @Override
                            public void onFailure(GrpcResult result) {
                                told.complete(result.toString());
                            }
                        })
                .start());
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
