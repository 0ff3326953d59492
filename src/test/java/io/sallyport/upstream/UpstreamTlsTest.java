package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.HttpVersion;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.tls.UpstreamTlsSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pools over TLS, with certificates of the test.
class UpstreamTlsTest {
    private final LoopFixture loop = new LoopFixture();
    private final TestCertificates authority = TestCertificates.authority("ca");
    private final Issued good =
            authority.leaf("service").dns("service.example", "other.example").issue();
    private final UpstreamTlsSpec tls = TlsSpecs.upstream(good.trust());
    private final AtomicInteger bytesReceived = new AtomicInteger();
    private final List<TestUpstream> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        loop.close();
        servers.forEach(TestUpstream::close);
    }

    @Test
    void thePeerChoosesTheVersionByAlpn() {
        assertThat(loop.acquire(alpn(server(good, "h2", "http/1.1")))
                        .await()
                        .connection
                        .version())
                .isEqualTo(HttpVersion.HTTP_2);
        assertThat(loop.acquire(alpn(server(good, "http/1.1")))
                        .await()
                        .connection
                        .version())
                .isEqualTo(HttpVersion.HTTP_1_1);
        assertThat(loop.acquire(alpn(server(good))).await().connection.version())
                .isEqualTo(HttpVersion.HTTP_1_1);
    }

    @Test
    void requestsThatWaitForAlpnShareOneConnectionOfHttp2() {
        List<Attempt> attempts = acquire(alpn(server(good, "h2")), 20);

        assertThat(attempts)
                .allSatisfy(attempt -> assertThat(attempt.await().connection).isNotNull());
        assertThat(loop.connections.made).hasSize(1);
    }

    @Test
    void requestsThatWaitForAlpnGetAConnectionEachOfHttp1() {
        List<Attempt> attempts = acquire(alpn(server(good, "http/1.1")), 10);

        assertThat(attempts)
                .allSatisfy(attempt -> assertThat(attempt.await().connection).isNotNull());
        assertThat(loop.connections.made).hasSize(10);
    }

    @Test
    void theWrongIdentityFailsBeforeAByteOfTheRequestIsSent() {
        Issued wrong = authority.leaf("evil").dns("evil.example").issue();
        Cluster cluster = cluster(server(wrong, "http/1.1"), UpstreamProtocol.HTTP1);
        Attempt attempt = loop.acquire(cluster).await();

        assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.UF);
        assertThat(attempt.failure.status()).isEqualTo(503);
        assertThat(attempt.failure.details()).isEqualTo("upstream_tls_wrong_identity");
        assertThat(cluster.status().tlsFailures()).isEqualTo(1);
        assertThat(loop.connections.made).isEmpty();
        assertThat(bytesReceived).hasValue(0);
        assertThat(loop.usage()).isEqualTo("0/0/0/0 0 0");
    }

    @Test
    void anExpiredCertificateFails() {
        Issued expired =
                authority.leaf("service").dns("service.example").expired().issue();

        assertThat(loop.acquire(cluster(server(expired), UpstreamProtocol.HTTP1))
                        .await()
                        .failure)
                .hasMessage("upstream_tls_expired");
    }

    @Test
    void anUnknownAuthorityFails() {
        Issued foreign = TestCertificates.authority("foreign")
                .leaf("service")
                .dns("service.example")
                .issue();

        assertThat(loop.acquire(cluster(server(foreign), UpstreamProtocol.HTTP1))
                        .await()
                        .failure)
                .hasMessage("upstream_tls_untrusted");
    }

    @Test
    void aPeerThatSpeaksNoTlsFails() {
        TestUpstream plain =
                track(new TestUpstream(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        context.writeAndFlush(
                                context.alloc().buffer().writeBytes("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes()));
                    }
                })));

        assertThat(loop.acquire(cluster(plain, UpstreamProtocol.HTTP1)).await().failure)
                .hasMessage("upstream_tls_handshake_failed");
    }

    @Test
    void aPeerThatNeverAnswersTheHandshakeEndsAtTheConnectTimeout() {
        ClusterSpec spec = cluster(track(new TestUpstream()), UpstreamProtocol.HTTP1)
                .spec()
                .withConnections(Duration.ofMillis(300), Duration.ofHours(1), 0, null);
        Attempt attempt = loop.acquire(loop.cluster(spec)).await();

        assertThat(attempt.failure).hasMessage("upstream_connect_timeout");
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
    }

    @Test
    void aPeerThatClosesInTheHandshakeFailsAtOnce() {
        TestUpstream closing = track(new TestUpstream(Channel::close));

        assertThat(loop.acquire(cluster(closing, UpstreamProtocol.HTTP1))
                        .await()
                        .failure
                        .flag())
                .isEqualTo(ResponseFlag.UF);
    }

    @Test
    void aConnectionVerifiedForOneHostCarriesNoOthersRequests() {
        Cluster cluster = cluster(server(good), UpstreamProtocol.HTTP1);
        Attempt one = loop.acquire(cluster, new TestRequest("service.example")).await();
        loop.run(one::finish);
        Attempt other = loop.acquire(cluster, new TestRequest("other.example")).await();
        Attempt wrong = loop.acquire(cluster, new TestRequest("evil.example")).await();

        assertThat(other.connection).isNotSameAs(one.connection);
        assertThat(wrong.failure).hasMessage("upstream_tls_wrong_identity");
        loop.run(other::finish);
        assertThat(loop.acquire(cluster, new TestRequest("service.example")).await().connection)
                .isSameAs(one.connection);
    }

    @Test
    void withAServerNameInTheSettingsAllHostsShareConnections() {
        UpstreamTlsSpec named = new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.SIMPLE, null, good.trust(), "service.example", List.of(), false, List.of());
        Cluster cluster =
                loop.cluster(LoopFixture.spec(server(good).endpoint()).withProtocol(UpstreamProtocol.HTTP1, named));
        Attempt one = loop.acquire(cluster, new TestRequest("a.example")).await();
        loop.run(one::finish);

        assertThat(loop.acquire(cluster, new TestRequest("b.example")).await().connection)
                .isSameAs(one.connection);
    }

    private List<Attempt> acquire(Cluster cluster, int count) {
        List<Attempt> attempts = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < count; i++) {
                Attempt attempt = new Attempt();
                attempts.add(attempt);
                loop.upstream.acquire(cluster, new TestRequest(), attempt);
            }
        });
        return attempts;
    }

    /// An endpoint that speaks one version alone may be replaced by one that speaks the other, at any time. Connections
    /// that are in use keep the pool, and what it knows, alive.
    @ParameterizedTest
    @ValueSource(ints = {1, 10})
    void requestsThatSwitchProtocolsFollowAnEndpointFromVersionToVersion(int atOnce) {
        loop.connections.room = 1;
        AtomicReference<SslContext> only = new AtomicReference<>();
        Cluster cluster = alpn(insisting(only));
        for (String protocol : List.of("h2", "http/1.1", "h2", "h2", "http/1.1", "http/1.1")) {
            only.set(insisting(protocol));
            List<Attempt> attempts = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                attempts.add(switching(cluster));
            }
            await().until(() -> {
                loop.run(this::sendSettings);
                return attempts.stream().allMatch(attempt -> attempt.ended.isDone());
            });

            HttpVersion version = protocol.equals("h2") ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
            assertThat(attempts).as(protocol).allSatisfy(attempt -> {
                assertThat(attempt.failure).isNull();
                assertThat(attempt.connection.version()).isEqualTo(version);
            });
        }
        assertThat(cluster.status().connectFailures()).isZero();
        assertThat(cluster.status().endpoints()).allMatch(endpoint -> endpoint.failuresTotal() == 0);
    }

    private void sendSettings() {
        for (FakeConnections.Fake fake : loop.connections.made) {
            if (fake.version() == HttpVersion.HTTP_2) {
                fake.tell();
            }
        }
    }

    @Test
    void anEndpointThatRefusesBothVersionsFailsAfterOneTryOfEach() {
        AtomicReference<SslContext> only = new AtomicReference<>(insisting("spdy/3"));
        TestUpstream server = insisting(only);
        Cluster cluster = alpn(server);
        for (int i = 1; i < 4; i++) {
            assertThat(switching(cluster).await().failure).hasMessage("upstream_tls_no_application_protocol");
            assertThat(server.accepted).hasSize(2 * i);
            assertThat(cluster.status().connectFailures()).isEqualTo(i);
        }
        assertThat(loop.usage()).isEqualTo("0/0/0/0 0 0");
    }

    private Attempt switching(Cluster cluster) {
        TestRequest request = new TestRequest();
        request.upgrade = true;
        return loop.acquire(cluster, request);
    }

    private TestUpstream insisting(AtomicReference<SslContext> only) {
        return track(new TestUpstream(
                channel -> channel.pipeline().addLast(only.get().newHandler(channel.alloc()))));
    }

    /// Only the JDK's engine ends a handshake for the protocols offered.
    private SslContext insisting(String protocol) {
        try {
            return SslContextBuilder.forServer(good.keyManagers())
                    .sslProvider(SslProvider.JDK)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.FATAL_ALERT,
                            SelectedListenerFailureBehavior.ACCEPT,
                            protocol))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cluster alpn(TestUpstream server) {
        return cluster(server, UpstreamProtocol.ALPN);
    }

    private Cluster cluster(TestUpstream server, UpstreamProtocol protocol) {
        return loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(protocol, tls));
    }

    private TestUpstream server(Issued issued, String... alpn) {
        SslContext context = context(issued, alpn);
        return track(new TestUpstream(channel -> channel.pipeline()
                .addLast(context.newHandler(channel.alloc()), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        bytesReceived.incrementAndGet();
                        ReferenceCountUtil.release(message);
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        ctx.close();
                    }
                })));
    }

    private TestUpstream track(TestUpstream server) {
        servers.add(server);
        return server;
    }

    private static SslContext context(Issued issued, String... alpn) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(issued.keyManagers());
            if (alpn.length > 0) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        alpn));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }
}
