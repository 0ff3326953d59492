package io.sallyport.workload;

import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.identity.SpiffeId;
import io.sallyport.jwt.KeySet;
import io.sallyport.jwt.KeySetException;
import io.sallyport.jwt.KeySource;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The keys of trust domains, as a Workload API streams them (`FetchJWTBundles`): each message is the whole truth. A
/// bundle that cannot be read verifies nothing, and concerns its own trust domain alone; while the agent is away, the
/// last ones serve on.
final class JwtBundles implements AgentStream.Listener, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JwtBundles.class);

    private record Bundle(String text, KeySet keys) {}

    private final ConcurrentMap<String, Source> sources = new ConcurrentHashMap<>();
    private final Backoff backoff;
    private final CompletableFuture<Void> answered = new CompletableFuture<>();
    /// Reads one message after the other: sets may be long.
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("sallyport-jwt-bundles").factory());

    private volatile Map<String, Bundle> bundles = Map.of();
    private String failure = "";
    /// Of the event loop.
    private @Nullable AgentStream stream;

    private volatile @Nullable Agent agent;

    JwtBundles(Backoff backoff) {
        this.backoff = backoff;
    }

    /// The keys of one trust domain, whichever are known.
    private final class Source implements KeySource {
        private final String trustDomain;

        Source(String trustDomain) {
            this.trustDomain = trustDomain;
        }

        @Override
        public @Nullable KeySet keys() {
            Bundle bundle = bundles.get(trustDomain);
            return bundle == null ? null : bundle.keys;
        }

        @Override
        public String trustDomain() {
            return trustDomain;
        }
    }

    KeySource keys(String trustDomain) {
        return sources.computeIfAbsent(trustDomain, Source::new);
    }

    Set<String> trustDomains() {
        return new TreeSet<>(bundles.keySet());
    }

    /// Begins to ask; once it has begun, it goes on.
    ///
    /// @return done with the first answer, or the first failure
    CompletableFuture<Void> start(Agent by) {
        by.loop().eventLoop().execute(() -> {
            if (stream == null && !reader.isShutdown()) {
                agent = by;
                stream = new AgentStream(by.loop(), by.cluster(), "FetchJWTBundles", backoff, this::later, this);
                stream.open();
            }
        });
        return answered;
    }

    private void later(Runnable task) {
        try {
            reader.execute(task);
        } catch (RejectedExecutionException closing) {
            // Nobody asks for keys any more.
        }
    }

    // On the reader's thread.

    @Override
    public void onMessage(byte[] message) {
        Map<String, byte[]> texts = new HashMap<>();
        try {
            ProtoReader reading = new ProtoReader(message);
            while (reading.next()) {
                if (reading.field() == 1) {
                    add(reading.message(), texts);
                }
            }
        } catch (ProtoException unreadable) {
            fail("a message of FetchJWTBundles cannot be read: " + unreadable.getMessage());
            return;
        }
        Map<String, Bundle> next = new HashMap<>();
        StringBuilder faults = new StringBuilder();
        texts.forEach((id, text) -> {
            SpiffeId domain = SpiffeId.parse(id);
            String fault = domain == null || !domain.path().isEmpty()
                    ? "names no trust domain"
                    : read(domain.trustDomain(), new String(text, StandardCharsets.UTF_8), next);
            if (!fault.isEmpty()) {
                faults.append(faults.isEmpty() ? "" : "; ").append("the JWT bundle of ");
                faults.append(SpiffeId.shown(id)).append(' ').append(fault);
            }
        });
        bundles = Map.copyOf(next);
        fail(faults.toString());
    }

    private static void add(ProtoReader entry, Map<String, byte[]> texts) throws ProtoException {
        String id = "";
        byte[] text = {};
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> id = entry.text();
                case 2 -> text = entry.bytes();
                default -> {}
            }
        }
        texts.put(id, text);
    }

    /// @return what is wrong with it; empty for nothing
    private String read(String domain, String text, Map<String, Bundle> next) {
        Bundle before = bundles.get(domain);
        if (before != null && before.text.equals(text)) {
            // The same keys are the same set, with the tokens that they have verified.
            next.put(domain, before);
            return "";
        }
        try {
            next.put(domain, new Bundle(text, KeySet.parse(text, false)));
            return "";
        } catch (KeySetException unusable) {
            return unusable.getMessage() + "; its tokens are refused";
        }
    }

    @Override
    public void onEnd(GrpcResult result) {
        if (AgentStream.isRefusal(result)) {
            bundles = Map.of();
            fail("it gives this workload no JWT bundles (" + result + "); tokens of trust domains are refused");
        } else {
            fail((result.isOk() ? "the stream of JWT bundles has ended" : "JWT bundles: " + result)
                    + "; the keys before it serve on");
        }
    }

    /// @param now empty where nothing is wrong
    private void fail(String now) {
        Agent asked = agent;
        if (!now.isEmpty() && !now.equals(failure) && asked != null) {
            LOG.warnf("%s: %s", asked.service(), now);
        }
        failure = now;
        answered.complete(null);
    }

    @Override
    public void close() {
        reader.shutdownNow();
        Agent asked = agent;
        if (asked != null) {
            asked.loop().eventLoop().execute(() -> {
                if (stream != null) {
                    stream.close();
                }
            });
        }
    }
}
