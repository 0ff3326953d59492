package io.sallyport.jwks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CredentialException;
import io.sallyport.jwt.KeyLocation;
import io.sallyport.jwt.KeySet;
import io.sallyport.net.AddressGuard;
import io.sallyport.outcome.KeyFetchOutcome;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyFetcherTest {
    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final EventLoop loop = group.next();

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    /// The first one for https has the system's authorities read: a file of hundreds of certificates.
    @Test
    void clustersAreNotMadeOnTheEventLoop() throws Exception {
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        CompletableFuture<String> failure = new CompletableFuture<>();
        KeyFetcher fetcher = new KeyFetcher(
                (_, _) -> {
                    onLoop.complete(loop.inEventLoop());
                    throw new CredentialException("the system's CA certificates", "there are none", "install some");
                },
                new UpstreamLoop(loop, HttpLimits.DEFAULT, ConnectionFactory.HTTP),
                RequestObserver.NONE);

        fetcher.fetch(
                new KeySetOrigin(Objects.requireNonNull(KeyLocation.parse("https://issuer.test/jwks")), false),
                new KeyRoute(
                        ClusterSpec.of("issuer.test", 443, Discovery.STRICT_DNS, List.of()),
                        AddressGuard.EXTERNAL,
                        Duration.ofSeconds(60)),
                new FetchedKeys.Callback() {
                    @Override
                    public void onKeys(String text, KeySet keys) {
                        failure.complete("none");
                    }

                    @Override
                    public void onFailure(KeyFetchOutcome outcome, String reason) {
                        failure.complete(outcome + " " + reason);
                    }
                });

        assertThat(onLoop.get()).isFalse();
        assertThat(failure.get()).startsWith("UNREACHABLE the system's CA certificates");
    }
}
