package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.outcome.ProxyException;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpConnectorTest {
    private LoopFixture loop = new LoopFixture();
    private final TestUpstream echo =
            new TestUpstream(channel -> channel.pipeline().addLast(new Echo()));

    @AfterEach
    void stop() {
        loop.close();
        echo.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bytesGoBothWaysAndEachDirectionEndsByItself(boolean epoll) {
        loop.close();
        loop = new LoopFixture(epoll);
        Result result = connect(loop.cluster(LoopFixture.spec(echo.endpoint())));
        Channel channel = result.channel();
        assertThat(channel.config().isAutoRead()).isFalse();
        Received received = new Received();
        loop.run(() -> {
            channel.pipeline().addLast(received);
            channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
            ((DuplexChannel) channel).shutdownOutput();
            channel.config().setAutoRead(true);
        });

        assertThat(received.text.orTimeout(5, TimeUnit.SECONDS).join()).isEqualTo("hello");
        loop.run(result.endpoint()::released);
    }

    /// It could have the number of a socket that was closed in the same round of the loop, of which epoll has reported
    /// something that is still to be handled.
    @Test
    void aSocketIsOpenedOnceTheLoopHasHandledItsEvents() {
        Cluster cluster = loop.cluster(LoopFixture.spec(echo.endpoint()));
        DescriptorLimit descriptors = DescriptorLimit.ofProcess();
        CompletableFuture<Result> told = new CompletableFuture<>();
        AtomicInteger opened = new AtomicInteger(-1);
        loop.run(() -> {
            int before = descriptors.used(DescriptorLimit.Use.ENDPOINTS);
            new TcpConnector(loop.loop, new OwnTraffic()).connect(cluster, new TestRequest(), null, new Callback(told));
            opened.set(descriptors.used(DescriptorLimit.Use.ENDPOINTS) - before);
        });
        Result result = told.orTimeout(5, TimeUnit.SECONDS).join();
        assertThat(result.channel().isActive()).isTrue();
        assertThat(opened).hasValue(0);
        loop.run(result.endpoint()::released);
    }

    @Test
    void nothingIsReadBeforeTheRelayAsksForIt() {
        try (TestUpstream talker =
                new TestUpstream(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        context.writeAndFlush(Unpooled.copiedBuffer("banner", StandardCharsets.UTF_8));
                    }
                }))) {
            Result result = connect(loop.cluster(LoopFixture.spec(talker.endpoint())));
            talker.accepted(0).close().syncUninterruptibly();
            Received received = new Received();
            loop.run(() -> {
                result.channel().pipeline().addLast(received);
                result.channel().config().setAutoRead(true);
            });

            assertThat(received.text.orTimeout(5, TimeUnit.SECONDS).join()).isEqualTo("banner");
        }
    }

    @Test
    void tlsIsSpokenWhereTheClusterSpeaksIt() throws Exception {
        Issued good = TestCertificates.authority("ca")
                .leaf("service")
                .dns("service.example")
                .issue();
        SslContext context = SslContextBuilder.forServer(good.keyManagers()).build();
        try (TestUpstream server = new TestUpstream(
                channel -> channel.pipeline().addLast(context.newHandler(channel.alloc()), new Echo()))) {
            Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint())
                    .withProtocol(UpstreamProtocol.TCP, TlsSpecs.upstream(good.trust())));
            Result result = connect(cluster);

            assertThat(result.channel()
                            .pipeline()
                            .get(SslHandler.class)
                            .handshakeFuture()
                            .isSuccess())
                    .isTrue();
            Received received = new Received();
            loop.run(() -> {
                result.channel().pipeline().addLast(received);
                result.channel().config().setAutoRead(true);
                result.channel().writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
            });
            await().untilAsserted(() -> assertThat(received.soFar).hasToString("hello"));
        }
    }

    @Test
    void aUnixSocketIsConnectedTo(@TempDir Path directory) {
        loop.close();
        loop = new LoopFixture(true);
        DomainSocketAddress address =
                new DomainSocketAddress(directory.resolve("echo.sock").toString());
        Channel listener = new ServerBootstrap()
                .group(loop.loop)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new Echo())
                .bind(address)
                .syncUninterruptibly()
                .channel();
        Result result = connect(loop.cluster(LoopFixture.spec(new EndpointSpec("unix://" + address.path(), 0))));

        assertThat(result.channel().remoteAddress()).isEqualTo(address);
        listener.close().syncUninterruptibly();
    }

    @Test
    void aFailureIsTold() {
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", ClosedPort.number())));
        Result result = connect(cluster);

        assertThat(result.failure()).hasMessage("upstream_connect_refused");
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(connect(loop.cluster(LoopFixture.spec())).failure()).hasMessage("no_healthy_upstream");
    }

    @Test
    void aCancelledAttemptClosesItsSocketAndTellsNothing() {
        Cluster cluster = loop.cluster(LoopFixture.spec(echo.endpoint()));
        CompletableFuture<Result> told = new CompletableFuture<>();
        loop.run(() -> {
            TcpConnector.Attempt attempt = new TcpConnector(loop.loop, new OwnTraffic())
                    .connect(cluster, new TestRequest(), null, new Callback(told));
            attempt.cancel();
            attempt.cancel();
        });

        assertThat(cluster.status().requestsActive()).isZero();
        await().until(() -> echo.accepted.stream().noneMatch(Channel::isActive));
        assertThat(told).isNotDone();
    }

    private Result connect(Cluster cluster) {
        CompletableFuture<Result> told = new CompletableFuture<>();
        loop.run(() -> new TcpConnector(loop.loop, new OwnTraffic())
                .connect(cluster, new TestRequest(), null, new Callback(told)));
        return told.orTimeout(5, TimeUnit.SECONDS).join();
    }

    private record Result(Channel channel, Endpoint endpoint, ProxyException failure) {}

    private record Callback(CompletableFuture<Result> told) implements TcpConnector.Callback {
        @Override
        public void onConnected(Channel channel, Endpoint endpoint) {
            told.complete(new Result(channel, endpoint, null));
        }

        @Override
        public void onFailure(ProxyException failure, Endpoint endpoint) {
            told.complete(new Result(null, endpoint, failure));
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                context.close();
            }
        }
    }

    private static final class Received extends ChannelInboundHandlerAdapter {
        final StringBuffer soFar = new StringBuffer();
        final CompletableFuture<String> text = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            soFar.append(bytes.toString(StandardCharsets.UTF_8));
            bytes.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                text.complete(soFar.toString());
            }
        }
    }
}
