package io.sallyport.workload;

import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.http.h2.KeepAlive;
import io.sallyport.jwt.KeySource;
import io.sallyport.route.HeaderCredential;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a SPIFFE Workload API gives beside the gateway's X.509-SVID: JWT-SVIDs for audiences, and the keys that verify
/// those of others. Only what a configuration wants is asked for. Outlives configurations. Thread-safe.
public final class WorkloadTokens implements AutoCloseable {
    private final EndpointSocket socket;
    private final @Nullable String hint;
    private final List<String> trustDomains;
    private final Clock clock;
    private final Supplier<Backoff> backoff;
    private final KeepAlive keepAlive;
    private final JwtBundles bundles;
    private final ConcurrentMap<String, JwtSvidSource> audiences = new ConcurrentHashMap<>();
    private volatile @Nullable Agent agent;

    /// @param hint of the SVIDs to use; null for the first
    /// @param trustDomains that the gateway's own SVIDs may be of
    public WorkloadTokens(EndpointSocket socket, @Nullable String hint, List<String> trustDomains, Clock clock) {
        this(socket, hint, trustDomains, clock, Backoff::usual, EndpointSocket.KEEP_ALIVE);
    }

    WorkloadTokens(
            EndpointSocket socket,
            @Nullable String hint,
            List<String> trustDomains,
            Clock clock,
            Supplier<Backoff> backoff,
            KeepAlive keepAlive) {
        this.socket = socket;
        this.hint = hint;
        this.trustDomains = List.copyOf(trustDomains);
        this.clock = clock;
        this.backoff = backoff;
        this.keepAlive = keepAlive;
        this.bundles = new JwtBundles(backoff.get());
    }

    /// Any thread, once, before [#use].
    ///
    /// @param clusters makes the cluster that is asked
    public void start(UpstreamLoop upstream, ClusterRegistry.Maker clusters) {
        agent = new Agent(upstream, socket.cluster(clusters, keepAlive), "the Workload API at " + socket);
    }

    /// The keys of a trust domain; none before [#use] has asked for them.
    public KeySource keys(String trustDomain) {
        return bundles.keys(trustDomain);
    }

    /// The gateway's JWT-SVID for an audience; none before [#use] has asked for it.
    public HeaderCredential credential(String audience) {
        return source(audience);
    }

    private JwtSvidSource source(String audience) {
        return audiences.computeIfAbsent(
                audience, each -> new JwtSvidSource(each, hint, trustDomains, clock, backoff.get()));
    }

    /// What [HeaderCredential#description] says of it.
    public static String description(String audience) {
        return JwtSvidSource.description(audience);
    }

    /// What is wanted from now on; what is not is fetched no more. Waits for what is new, so that the requests that it
    /// is for find it, but not on an event loop.
    ///
    /// @param keys whether keys of trust domains are
    /// @param longest wait
    void use(Set<String> wanted, boolean keys, Duration longest) {
        Agent asked = agent;
        if (asked == null) {
            return;
        }
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        if (keys) {
            answers.add(bundles.start(asked));
        }
        for (String audience : wanted) {
            answers.add(source(audience).start(asked));
        }
        audiences.forEach((audience, source) -> {
            if (!wanted.contains(audience)) {
                audiences.remove(audience);
                source.stop();
            }
        });
        await(answers, longest);
    }

    private static void await(List<CompletableFuture<Void>> answers, Duration longest) {
        try {
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            // Until it comes, requests that want it are answered 503, and tokens refused.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a failure is an answer, too", impossible);
        }
    }

    /// Until when the JWT-SVID for this audience is valid; null where there is none.
    public @Nullable Instant end(String audience) {
        JwtSvidSource source = audiences.get(audience);
        return source == null ? null : source.end();
    }

    /// Until when each audience's JWT-SVID is valid; null where there is none.
    public Map<String, @Nullable Instant> ends() {
        Map<String, @Nullable Instant> ends = new TreeMap<>();
        audiences.forEach((audience, source) -> ends.put(audience, source.end()));
        return ends;
    }

    /// The trust domains whose keys are known.
    public Set<String> trustDomains() {
        return bundles.trustDomains();
    }

    @Override
    public void close() {
        bundles.close();
        audiences.values().forEach(JwtSvidSource::stop);
    }
}
