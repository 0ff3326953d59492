package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.compile.CompileOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.http.HttpLimits;
import io.sallyport.jwks.KeyFetcher;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Defects on the way of a reload: none escapes, and none leaves half a generation.
class ReloaderTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    Path directory;

    private final EventLoopGroup group = new NioEventLoopGroup(1);
    private final SnapshotHolder holder = new SnapshotHolder(Snapshot.empty(CLOCK.instant()));
    private final Ports ports = new Ports();
    private final Heard watch = new Heard();
    private SecretLookup secrets = SecretLookup.UNCHECKED;

    @BeforeEach
    void configure() throws IOException {
        write("shop.example");
    }

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }

    private void write(String host) throws IOException {
        Files.writeString(
                directory.resolve("config.yaml"),
                Yaml.httpGateway("*") + Yaml.service("shop.internal", 9) + Yaml.forwardAll(host, "shop.internal"));
    }

    private Reloader reloader() {
        ConfigurationSource source = new ConfigurationSource(
                directory,
                LoadOptions.DEFAULT,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), secrets),
                CompileOptions.defaults(),
                CLOCK);
        ClusterFactory clusters =
                new ClusterFactory(new NameResolution(group.next(), DnsSettings.DEFAULT), EndpointFeed.NONE);
        return new Reloader(
                source,
                holder,
                clusters,
                new KeyFetcher(
                        clusters,
                        new UpstreamLoop(group.next(), HttpLimits.DEFAULT, ConnectionFactory.HTTP),
                        RequestObserver.NONE),
                ports,
                CLOCK,
                watch);
    }

    @Test
    void theWatchHearsOfEachPhaseAndOfTheEndWhateverComesOfIt() throws IOException {
        Reloader reloader = reloader();
        reloader.reload(Duration.ZERO);
        assertThat(watch.heard).containsExactly("compiling", "applying", "ended");

        watch.heard.clear();
        reloader.reload(Duration.ZERO);
        assertThat(watch.heard).containsExactly("compiling", "ended");

        watch.heard.clear();
        write("shop.example: [");
        assertThat(reloader.reload(Duration.ZERO).refused()).isTrue();
        assertThat(watch.heard).containsExactly("compiling", "ended");
    }

    private static final class Heard implements ReloadWatch {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void compiling() {
            heard.add("compiling");
        }

        @Override
        public void applying() {
            heard.add("applying");
        }

        @Override
        public void ended() {
            heard.add("ended");
        }
    }

    @Test
    void aDefectWhileReadingRefusesTheConfiguration() {
        secrets = new SecretLookup() {
            @Override
            public boolean exists(String namespace, String credentialName) {
                throw new IllegalStateException("unforeseen");
            }

            @Override
            public Collection<String> names() {
                throw new IllegalStateException("unforeseen");
            }
        };
        write443();

        Reloader.Outcome outcome = reloader().reload(Duration.ZERO);

        assertThat(outcome.refused()).isTrue();
        assertThat(outcome.failure()).contains("cannot be read").contains("unforeseen");
        assertThat(ports.steps).isZero();
    }

    private void write443() {
        try {
            Files.writeString(directory.resolve("tls.yaml"), """
                    apiVersion: networking.istio.io/v1
                    kind: Gateway
                    metadata: {name: tls}
                    spec:
                      servers:
                      - port: {number: 443, name: https, protocol: HTTPS}
                        hosts: ["a.example"]
                        tls: {mode: SIMPLE, credentialName: cert}
                    """);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aDefectWhileBindingKeepsTheLastGeneration() throws IOException {
        Reloader reloader = reloader();
        Snapshot first = reloader.reload(Duration.ZERO).current();
        ports.onPrepare = new IllegalStateException("unforeseen");
        write("other.example");

        Reloader.Outcome outcome = reloader.reload(Duration.ZERO);

        assertThat(outcome.refused()).isTrue();
        assertThat(outcome.failure()).contains("unforeseen");
        assertThat(holder.current()).isSameAs(first);
        ports.onPrepare = null;
        assertThat(reloader.reload(Duration.ZERO).applied()).isTrue();
        assertThat(holder.current().generation()).isEqualTo(2);
    }

    @Test
    void aDefectAfterTheSwapDoesNotUndoIt() throws IOException {
        ports.onCommit = new IllegalStateException("unforeseen");

        Reloader.Outcome outcome = reloader().reload(Duration.ZERO);

        assertThat(outcome.applied()).isTrue();
        assertThat(holder.current().generation()).isEqualTo(1);
        assertThat(ports.discarded).isZero();
    }

    @Test
    void aDefectBetweenBindingAndTheSwapLetsGoOfThePorts() {
        Duration tooLongForMilliseconds = Duration.ofSeconds(Long.MAX_VALUE);

        Reloader.Outcome outcome = reloader().reload(tooLongForMilliseconds);

        assertThat(outcome.refused()).isTrue();
        assertThat(ports.discarded).isEqualTo(1);
        assertThat(holder.current().generation()).isZero();
    }

    private static final class Ports implements ListenerApplier {
        private RuntimeException onPrepare;
        private RuntimeException onCommit;
        private int steps;
        private int discarded;

        @Override
        public Prepared prepare(Snapshot next, boolean whole) {
            steps++;
            if (onPrepare != null) {
                throw onPrepare;
            }
            return new Prepared() {
                @Override
                public void commit(Snapshot previous) {
                    if (onCommit != null) {
                        throw onCommit;
                    }
                }

                @Override
                public void discard() {
                    discarded++;
                }
            };
        }
    }
}
