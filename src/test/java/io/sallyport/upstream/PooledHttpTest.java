package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.cluster.balance.TestRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Pools over the gateway's own HTTP, against peers that are not.
class PooledHttpTest {
    private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private final LoopFixture loop = LoopFixture.real(true);
    private final List<TestUpstream> servers = new ArrayList<>();
    private final Map<Channel, AtomicInteger> streams = new ConcurrentHashMap<>();
    private final AtomicInteger mostStreams = new AtomicInteger();

    @AfterEach
    void stop() {
        loop.close();
        servers.forEach(TestUpstream::close);
    }

    @Test
    void http1RequestsFollowEachOtherOnOneConnection() {
        Cluster cluster = http1(OK);
        for (int i = 0; i < 10; i++) {
            Exchange exchange = get(cluster);
            assertThat(result(exchange)).isEqualTo("200 ok");
            assertThat(exchange.reused).isEqualTo(i > 0);
        }
        assertThat(servers.getFirst().accepted).hasSize(1);
        assertThat(loop.usage()).isEqualTo("0/1/0/0 0 0");
    }

    @Test
    void aResponseThatClosesItsConnectionLeavesNoneToReuse() {
        Cluster cluster = http1("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
        for (int i = 0; i < 3; i++) {
            Exchange exchange = get(cluster);
            assertThat(result(exchange)).isEqualTo("200 ok");
            assertThat(exchange.reused).isFalse();
        }
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
    }

    @Test
    void surplusBytesAfterAResponseAreNeverTheNextOnesResponse() {
        Cluster cluster = http1(OK + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison");
        for (int i = 0; i < 5; i++) {
            assertThat(result(get(cluster))).isEqualTo("200 ok");
        }
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(servers.getFirst().accepted).hasSize(5);
    }

    @Test
    void anIdleConnectionThatThePeerClosesIsNotGivenOut() {
        Cluster cluster = http1(OK);
        result(get(cluster));
        servers.getFirst().accepted(0).close().syncUninterruptibly();
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));

        Exchange next = get(cluster);
        assertThat(result(next)).isEqualTo("200 ok");
        assertThat(next.reused).isFalse();
    }

    @Test
    void anEndpointThatClosesWithoutAResponseIsAReset() {
        Cluster cluster = loop.cluster(LoopFixture.spec(
                track(new TestUpstream(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                ((ByteBuf) message).release();
                                context.close();
                            }
                        })))
                        .endpoint()));

        assertThat(result(get(cluster))).isEqualTo("CONNECTION_CLOSED");
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void tenThousandAbortedHttp1RequestsLeaveEverySlotFree() {
        abortTenThousand(http1(OK));
    }

    @Test
    void tenThousandAbortedHttp2RequestsLeaveEverySlotFree() {
        abortTenThousand(http2(100));
    }

    @Test
    void http2RequestsShareAConnectionUpToThePeersLimit() {
        Cluster cluster = http2(5);
        assertThat(result(get(cluster))).isEqualTo("200 ");
        // The limit has arrived when the first response has.
        List<Exchange> exchanges = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < 30; i++) {
                exchanges.add(begin(cluster));
            }
        });

        assertThat(exchanges)
                .allSatisfy(exchange -> assertThat(result(exchange)).isEqualTo("200 "));
        assertThat(mostStreams).hasValueLessThanOrEqualTo(5);
        assertThat(servers.getFirst().accepted.size()).isBetween(2, 6);
        await().until(() -> loop.usage().endsWith("/0/0 0 0"));
    }

    @Test
    void afterGoAwayRequestsTakeANewConnection() {
        Cluster cluster = http2(100);
        result(get(cluster));
        servers.getFirst().accepted(0).writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));

        assertThat(result(get(cluster))).isEqualTo("200 ");
        assertThat(servers.getFirst().accepted).hasSize(2);
    }

    private void abortTenThousand(Cluster cluster) {
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            List<Exchange> exchanges = new ArrayList<>();
            loop.run(() -> {
                for (int i = 0; i < 100; i++) {
                    exchanges.add(begin(cluster));
                }
            });
            // Some while they wait, some between request and response; who is done by then has an answer.
            for (Exchange exchange : exchanges) {
                if (random.nextInt(10) > 0) {
                    loop.loop.execute(exchange::abort);
                }
            }
            loop.run(() -> exchanges.forEach(Exchange::abort));
        }

        await().untilAsserted(() ->
                assertThat(loop.upstream.usage().toCompletableFuture().join()).allMatch(PoolUsage::isQuiet));
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().requestsTotal()).isEqualTo(10_000);
        assertThat(result(get(cluster))).startsWith("200");
    }

    private Exchange begin(Cluster cluster) {
        Exchange exchange = new Exchange("/");
        loop.upstream.acquire(cluster, new TestRequest(), exchange);
        return exchange;
    }

    private Exchange get(Cluster cluster) {
        return loop.on(() -> begin(cluster));
    }

    /// Also waits until the read that brought the response has been worked off.
    private String result(Exchange exchange) {
        String result = exchange.result.orTimeout(5, TimeUnit.SECONDS).join();
        loop.run(() -> {});
        return result;
    }

    private TestUpstream track(TestUpstream server) {
        servers.add(server);
        return server;
    }

    private Cluster http1(String response) {
        return loop.cluster(LoopFixture.spec(
                track(new TestUpstream(channel -> channel.pipeline().addLast(new Responder(response))))
                        .endpoint()));
    }

    private Cluster http2(int limit) {
        TestUpstream server = new TestUpstream(channel -> channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer()
                                .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(limit))
                                // As many resets as the test wants: the codec would end the connection sometime.
                                .decoderEnforceMaxRstFramesPerWindow(0, 0)
                                .build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new StreamResponder());
                            }
                        })));
        return loop.cluster(LoopFixture.spec(track(server).endpoint()).withProtocol(UpstreamProtocol.HTTP2, null));
    }

    private static final class Responder extends ChannelInboundHandlerAdapter {
        private final String response;

        Responder(String response) {
            this.response = response;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            boolean complete = bytes.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n");
            bytes.release();
            if (complete) {
                context.writeAndFlush(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII));
            }
        }
    }

    /// Answers after a while, so that requests meet.
    private final class StreamResponder extends SimpleChannelInboundHandler<Http2HeadersFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2HeadersFrame head) {
            AtomicInteger open = streams.computeIfAbsent(context.channel().parent(), parent -> new AtomicInteger());
            mostStreams.accumulateAndGet(open.incrementAndGet(), Math::max);
            context.executor()
                    .schedule(
                            () -> {
                                open.decrementAndGet();
                                context.writeAndFlush(
                                        new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"), true));
                            },
                            5,
                            TimeUnit.MILLISECONDS);
        }
    }
}
