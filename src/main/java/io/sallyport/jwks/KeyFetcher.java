package io.sallyport.jwks;

import io.netty.util.NetUtil;
import io.sallyport.call.HttpAnswer;
import io.sallyport.call.HttpCall;
import io.sallyport.call.HttpQuestion;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.identity.CredentialException;
import io.sallyport.jwt.KeyLocation;
import io.sallyport.jwt.KeySet;
import io.sallyport.jwt.KeySetException;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.KeyFetchOutcome;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.tls.UpstreamTlsSpec;
import io.sallyport.upstream.UpstreamLoop;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Fetches key sets by the gateway's own calls, on one event loop, each over a cluster of its own that is closed behind
/// it. Clusters are made, and answers read, on virtual threads. Redirects are not followed: nobody but the
/// configuration and the issuer's own document says where keys are.
public final class KeyFetcher implements FetchedKeys.Fetches {
    private static final UpstreamTlsSpec TLS =
            new UpstreamTlsSpec(UpstreamTlsSpec.Mode.SIMPLE, null, null, null, List.of(), false, List.of(), true);

    private final ClusterRegistry.Maker clusters;
    private final UpstreamLoop loop;
    private final RequestObserver observer;

    /// @param observer is notified of fetches
    public KeyFetcher(ClusterRegistry.Maker clusters, UpstreamLoop loop, RequestObserver observer) {
        this.clusters = clusters;
        this.loop = loop;
        this.observer = observer;
    }

    @Override
    public void onFetched(KeySetOrigin origin, KeyFetchOutcome outcome) {
        observer.onKeyFetch(origin.toString(), outcome);
    }

    @Override
    public void onUnused(KeySetOrigin origin) {
        observer.onKeysUnused(origin.toString());
    }

    @Override
    public double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void schedule(Runnable task, Duration delay) {
        loop.eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void fetch(KeySetOrigin origin, KeyRoute route, FetchedKeys.Callback callback) {
        loop.eventLoop().execute(() -> new Fetch(origin, route, callback)
                .get(origin.location(), encrypted(origin.location(), route.cluster()), origin.discovery()));
    }

    /// For https where no DestinationRule says how.
    private static ClusterSpec encrypted(KeyLocation location, ClusterSpec cluster) {
        return location.tls() && cluster.tls() == null
                ? cluster.withMeshTls(null).withProtocol(UpstreamProtocol.HTTP1, TLS)
                : cluster;
    }

    /// One fetch of at most two documents. On the event loop, but where it says otherwise.
    private final class Fetch implements HttpCall.Callback {
        private final KeySetOrigin origin;
        private final KeyRoute route;
        private final FetchedKeys.Callback callback;
        private final ScheduledFuture<?> deadline;
        private final long end;
        private @Nullable ClusterRegistry cluster;
        private @Nullable HttpCall call;
        private boolean discovery;
        private boolean ended;

        Fetch(KeySetOrigin origin, KeyRoute route, FetchedKeys.Callback callback) {
            this.origin = origin;
            this.route = route;
            this.callback = callback;
            end = System.nanoTime() + route.timeout().toNanos();
            deadline = loop.eventLoop()
                    .schedule(
                            () -> fail(
                                    KeyFetchOutcome.TIMED_OUT,
                                    "no answer within " + route.timeout().toMillis() + " ms"),
                            route.timeout().toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        void get(KeyLocation location, ClusterSpec by, boolean isDiscovery) {
            discovery = isDiscovery;
            AddressRefusal refusal = refusal(location.host(), by);
            if (refusal != null) {
                fail(KeyFetchOutcome.GUARDED, location.host() + " is guarded: " + refusal.reason());
                return;
            }
            aside(() -> make(location, by));
        }

        private static void aside(Runnable work) {
            Thread.ofVirtual().name("sallyport-keys").start(work);
        }

        /// Not on the event loop: the system's authorities may have to be read for it, which are many.
        private void make(KeyLocation location, ClusterSpec by) {
            try {
                ClusterRegistry made = ClusterRegistry.EMPTY.next(List.of(by), clusters);
                loop.eventLoop().execute(() -> connect(location, by.name(), made));
            } catch (CredentialException unusable) {
                String reason = String.valueOf(unusable.getMessage());
                loop.eventLoop().execute(() -> fail(KeyFetchOutcome.UNREACHABLE, reason));
            }
        }

        private void connect(KeyLocation location, String name, ClusterRegistry made) {
            if (ended) {
                made.closeAllBut(ClusterRegistry.EMPTY);
                return;
            }
            cluster = made;
            made.ready(route.timeout())
                    .whenComplete((_, _) -> loop.eventLoop().execute(() -> ask(location, made.cluster(name))));
        }

        /// What is written as an address is asked about here: the guard of a cluster takes addresses of its own for
        /// listed.
        private static @Nullable AddressRefusal refusal(String host, ClusterSpec by) {
            String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(bare);
            return literal == null ? null : by.guard().judge(host, List.of(literal));
        }

        private void ask(KeyLocation location, @Nullable Cluster of) {
            long left = end - System.nanoTime();
            if (ended || left <= 0 || of == null) {
                return;
            }
            HttpCall asking = new HttpCall(
                    loop,
                    of,
                    HttpQuestion.get(location.authority(), location.path()),
                    Duration.ofNanos(left),
                    KeySet.LONGEST,
                    this);
            call = asking;
            asking.start();
        }

        @Override
        public void onAnswer(HttpAnswer answer) {
            close();
            if (answer.status() / 100 != 2) {
                fail(KeyFetchOutcome.REFUSED, "status " + answer.status());
                return;
            }
            aside(() -> read(new String(answer.body(), StandardCharsets.UTF_8)));
        }

        @Override
        public void onFailure(ProxyException failure) {
            fail(KeyFetchOutcome.UNREACHABLE, failure.flag() + " " + failure.details());
        }

        /// Not on the event loop: a key set may be long.
        private void read(String text) {
            try {
                if (discovery) {
                    KeyLocation next =
                            KeyLocation.ofDiscovery(text, origin.location().tls());
                    loop.eventLoop().execute(() -> follow(next));
                } else {
                    KeySet keys = KeySet.parse(text, false);
                    loop.eventLoop().execute(() -> succeed(text, keys));
                }
            } catch (KeySetException unusable) {
                loop.eventLoop()
                        .execute(() -> fail(KeyFetchOutcome.UNUSABLE, "what is there " + unusable.getMessage()));
            }
        }

        private void follow(KeyLocation next) {
            if (ended) {
                return;
            }
            KeyLocation first = origin.location();
            boolean same = next.host().equals(first.host()) && next.port() == first.port() && next.tls() == first.tls();
            get(next, encrypted(next, same ? route.cluster() : elsewhere(next)), false);
        }

        /// Where the issuer's document leads to another host, no resource has anything to say of it: addresses
        /// inside are guarded.
        private ClusterSpec elsewhere(KeyLocation next) {
            return ClusterSpec.of(
                            next.host(),
                            next.port(),
                            Discovery.STRICT_DNS,
                            List.of(new EndpointSpec(next.host(), next.port())))
                    .withGuard(route.elsewhere());
        }

        private void succeed(String text, KeySet keys) {
            if (!ended) {
                ended = true;
                deadline.cancel(false);
                callback.onKeys(text, keys);
            }
        }

        private void fail(KeyFetchOutcome outcome, String reason) {
            if (!ended) {
                ended = true;
                deadline.cancel(false);
                close();
                callback.onFailure(outcome, reason);
            }
        }

        private void close() {
            if (call != null) {
                call.cancel();
                call = null;
            }
            if (cluster != null) {
                cluster.closeAllBut(ClusterRegistry.EMPTY);
                cluster = null;
            }
        }
    }
}
