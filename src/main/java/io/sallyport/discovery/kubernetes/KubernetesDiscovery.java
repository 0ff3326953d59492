package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.sallyport.discovery.DiscoveryStatus;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.discovery.SecretCatalog;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Fills the service registry from the API server, and follows a ConfigMap and Secrets where they are named. While the
/// server does not answer, everything stays as it last was.
public final class KubernetesDiscovery implements MeshDiscovery {
    private static final Logger LOG = Logger.getLogger(KubernetesDiscovery.class);

    /// Changes within this time are published together.
    private static final long TOGETHER_MILLIS = 10;
    /// Watches end and are opened again all day; only a longer gap is a loss.
    private static final Duration SHORTEST_LOSS = Duration.ofSeconds(3);

    private static final long LOOK_MILLIS = 500;

    private final KubernetesClient client;
    private final boolean discoversServices;
    private final ServiceRegistry registry = new ServiceRegistry();
    private final List<ObjectFeed<?>> feeds = new ArrayList<>();
    private final @Nullable ConfigMapFeed configMap;
    /// Null where Secrets are not followed.
    private final @Nullable KubernetesSecrets secrets;

    /// Null where resources are not followed.
    private final @Nullable KubernetesResources resources;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-discovery").factory());
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> synced = new CompletableFuture<>();
    private volatile Runnable onChange = () -> {};
    private volatile @Nullable Instant lostSince;
    private volatile boolean reportedLost;

    /// @param client closed with this
    /// @param services whether services are discovered
    /// @param configMapName `namespace/name` of the ConfigMap to follow, or null
    /// @param secretKeys what is read of the Secrets that are named; empty where none is to be followed
    /// @param istio whether Istio's resources are followed
    public KubernetesDiscovery(
            KubernetesClient client,
            boolean services,
            @Nullable String configMapName,
            Set<String> secretKeys,
            boolean istio) {
        this.client = client;
        ApiServer server = new ApiServer(client);
        discoversServices = services;
        if (services) {
            feed(server, ObjectPath.core("services"), "services", Service.class, serviceReader());
            feed(
                    server,
                    ObjectPath.group("discovery.k8s.io", "v1", "endpointslices"),
                    "endpointslices",
                    EndpointSlice.class,
                    sliceReader());
            feed(server, ObjectPath.core("pods"), "pods", Pod.class, podReader());
            feeds.add(new ObjectFeed<>(
                    server,
                    new ObjectFeed.Kind<>("nodes", ObjectPath.core("nodes"), Node.class),
                    ObjectFeed.Refusal.FORBIDDEN,
                    () -> LOG.info("nodes may not be listed: what they say is left out"),
                    nodeReader(),
                    this::changed));
        }
        configMap = configMapName == null ? null : new ConfigMapFeed(server, configMapName, this::changed);
        if (configMap != null) {
            feeds.add(configMap.feed());
        }
        secrets = secretKeys.isEmpty() ? null : new KubernetesSecrets(server, secretKeys, this::changed);
        resources = istio ? new KubernetesResources(server, this::changed) : null;
        if (resources != null) {
            feeds.addAll(resources.feeds());
        }
    }

    private <T> void feed(ApiServer server, ObjectPath path, String name, Class<T> type, ObjectFeed.Reader<T> reader) {
        feeds.add(new ObjectFeed<>(
                server,
                new ObjectFeed.Kind<>(name, path, type),
                ObjectFeed.Refusal.NONE,
                () -> {},
                reader,
                this::changed));
    }

    private ObjectFeed.Reader<Service> serviceReader() {
        return new ObjectFeed.Reader<>(
                (_, service) -> registry.put(KubernetesObjects.service(service)),
                name -> registry.remove(new ServiceName(name.namespace(), name.name())));
    }

    private ObjectFeed.Reader<EndpointSlice> sliceReader() {
        return new ObjectFeed.Reader<>(
                (name, slice) -> {
                    io.sallyport.discovery.EndpointSlice read = KubernetesObjects.slice(slice);
                    if (read == null) {
                        registry.removeSlice(name.toString());
                    } else {
                        registry.put(read);
                    }
                },
                name -> registry.removeSlice(name.toString()));
    }

    private ObjectFeed.Reader<Pod> podReader() {
        return new ObjectFeed.Reader<>(
                (_, pod) -> registry.put(KubernetesObjects.pod(pod)),
                name -> registry.removePod(name.namespace(), name.name()));
    }

    private ObjectFeed.Reader<Node> nodeReader() {
        return new ObjectFeed.Reader<>(
                (_, node) -> registry.put(KubernetesObjects.node(node)), name -> registry.removeNode(name.name()));
    }

    @Override
    public void start(Runnable listener) {
        onChange = listener;
        feeds.forEach(ObjectFeed::start);
        if (feeds.isEmpty()) {
            synced.complete(null);
        }
        thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// On any thread.
    private void changed() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                thread.schedule(this::publish, TOGETHER_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("a change arrived after the end", closed);
            }
        }
    }

    private void publish() {
        scheduled.set(false);
        try {
            // Those that come later than all else must not hold it up, nor the other way round.
            boolean news = secrets != null && secrets.publish();
            if (feeds.stream().allMatch(ObjectFeed::isSynced)) {
                news |= discoversServices && registry.publish();
                news |= configMap != null && configMap.publish();
                news |= resources != null && resources.publish();
                synced.complete(null);
            }
            if (news) {
                onChange.run();
            }
        } catch (RuntimeException defect) {
            LOG.error("publishing what the Kubernetes API reports failed", defect);
        }
    }

    private void look() {
        long now = System.nanoTime();
        feeds.forEach(feed -> feed.look(now));
        boolean watching = feeds.stream().allMatch(ObjectFeed::isWatching);
        if (secrets != null) {
            secrets.look(now);
            watching &= secrets.isWatching();
        }
        Instant since = lostSince;
        if (watching) {
            lostSince = null;
            if (reportedLost) {
                reportedLost = false;
                LOG.info("the Kubernetes API is watched again");
            }
        } else if (since == null) {
            lostSince = Instant.now();
        } else if (!reportedLost && synced.isDone() && isLoss(since)) {
            reportedLost = true;
            LOG.warnf("the Kubernetes API is lost, what it said last goes on being used (%s)", lastError());
        }
    }

    private static boolean isLoss(Instant since) {
        return Duration.between(since, Instant.now()).compareTo(SHORTEST_LOSS) >= 0;
    }

    private @Nullable String lastError() {
        String errors = Stream.concat(
                        feeds.stream().map(ObjectFeed::lastError),
                        Stream.ofNullable(secrets).map(KubernetesSecrets::lastError))
                .filter(Objects::nonNull)
                .collect(Collectors.joining("; "));
        return errors.isEmpty() ? null : errors;
    }

    @Override
    public ServiceCatalog catalog() {
        return registry;
    }

    @Override
    public @Nullable Map<String, byte[]> configMap() {
        return configMap == null ? null : configMap.files();
    }

    @Override
    public Map<String, byte[]> resources() {
        return resources == null ? Map.of() : resources.documents();
    }

    @Override
    public SecretCatalog secrets() {
        return secrets == null ? SecretCatalog.NONE : secrets;
    }

    @Override
    public boolean awaitSync(Duration longest) throws InterruptedException {
        try {
            synced.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException notYet) {
            return false;
        }
    }

    @Override
    public DiscoveryStatus status() {
        ServiceRegistry.Counts counts = registry.counts();
        Instant since = lostSince;
        boolean lost = since != null && isLoss(since);
        return new DiscoveryStatus(
                synced.isDone(),
                synced.isDone() && !lost,
                lost ? since : null,
                lastError(),
                feeds.stream()
                        .collect(Collectors.toMap(
                                ObjectFeed::name, ObjectFeed::isWatching, Boolean::logicalAnd, TreeMap::new)),
                counts.services(),
                counts.slices(),
                counts.pods());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        feeds.forEach(ObjectFeed::close);
        if (secrets != null) {
            secrets.close();
        }
        client.close();
    }
}
