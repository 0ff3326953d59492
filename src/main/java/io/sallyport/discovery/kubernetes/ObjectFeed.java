package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Objects of one kind as the API server lists them, and each of their changes. Tries again for as long as it takes;
/// objects that were reported stay known meanwhile.
final class ObjectFeed<T extends HasMetadata> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ObjectFeed.class);
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    /// The client goes on with a watch for ever, in the same way, whatever it is answered. One that does not come back
    /// is given up for a new list, which tells why, and which a new watch follows. Longer than the client's longest
    /// pause.
    static final Duration LONGEST_GAP = Duration.ofSeconds(15);
    /// Between two questions for a kind that there is not.
    static final Duration ABSENCE = Duration.ofMinutes(1);

    /// Handles the objects of one kind, on one thread at a time.
    ///
    /// @param bare removes from an object what need not be cached
    record Reader<T>(UnaryOperator<T> bare, Consumer<T> put, Consumer<T> remove) {}

    /// What it means that the server refuses to list the objects: that is not tried again at once.
    enum Refusal {
        /// Nothing: it is tried again, as after any other failure.
        NONE,
        /// Where the account may not list them from the beginning, they are left out.
        FORBIDDEN,
        /// Where the server has no such kind, there are none; it may come to have it.
        ABSENT
    }

    private final String name;
    private final Refusal refusal;
    private final Runnable onRefused;
    private final Informable<T> objects;
    private final Reader<T> reader;
    private final Runnable onChange;

    /// As they were last given to the reader, by their names.
    private final Map<String, T> reported = new HashMap<>();
    private @Nullable Source source;
    private volatile boolean synced;
    private volatile boolean refused;
    private volatile boolean closed;
    private volatile @Nullable String lastError;
    /// What the log says of it; null while it is watched.
    private volatile @Nullable String warned;
    /// [System#nanoTime] of when the watch was first missed, or the kind; null where it is not.
    private @Nullable Long missedAt;

    /// @param name of the kind, in the plural
    /// @param refusal which one is final
    /// @param onRefused called after that one
    /// @param onChange called after every object, and when all have been listed
    ObjectFeed(
            String name,
            Refusal refusal,
            Runnable onRefused,
            Informable<T> objects,
            Reader<T> reader,
            Runnable onChange) {
        this.name = name;
        this.refusal = refusal;
        this.onRefused = onRefused;
        this.objects = objects;
        this.reader = reader;
        this.onChange = onChange;
    }

    String name() {
        return name;
    }

    /// Begins with a list, also where there was one before.
    void start() {
        Source before;
        Source next;
        synchronized (this) {
            if (closed) {
                return;
            }
            before = source;
            next = new Source(List.copyOf(reported.values()));
            source = next;
            missedAt = null;
        }
        if (before != null) {
            before.informer.stop();
        }
        // Failures are the exception handler's.
        next.informer.start();
    }

    private synchronized @Nullable Source source() {
        return source;
    }

    /// Looks after a watch that does not come back.
    ///
    /// @param now [System#nanoTime]
    void look(long now) {
        // A list that fails is tried again by itself, and one that takes its time is not begun once more.
        Source current = source();
        boolean watching = isWatching();
        boolean missed = refused
                ? refusal == Refusal.ABSENT
                : current != null && current.listed && lastError == null && !watching;
        if (watching) {
            warned = null;
        }
        synchronized (this) {
            if (!missed) {
                missedAt = null;
                return;
            }
            if (missedAt == null) {
                missedAt = now;
            }
            if (now - missedAt < (refused ? ABSENCE : LONGEST_GAP).toNanos()) {
                return;
            }
        }
        LOG.debugf("%s are listed again", name);
        start();
    }

    /// All have been reported once, or never will be.
    boolean isSynced() {
        return synced || refused;
    }

    boolean isWatching() {
        Source current = source();
        return refused || (current != null && current.informer.isWatching());
    }

    /// Null for nothing.
    @Nullable
    String lastError() {
        String error = lastError;
        if (error == null && !isWatching()) {
            error = isSynced() ? "not watched" : "not listed yet";
        }
        return error == null ? null : name + ": " + error;
    }

    @Override
    public void close() {
        closed = true;
        Source current = source();
        if (current != null) {
            current.informer.stop();
        }
    }

    /// One list and the watch that follows it. What one that was given up still says does not count.
    private final class Source implements ResourceEventHandler<T> {
        private final SharedIndexInformer<T> informer;
        private volatile boolean listed;

        /// @param known objects that were reported before
        Source(List<T> known) {
            informer = objects.runnableInformer(0)
                    .itemStore(new BareStore<>(reader))
                    .exceptionHandler((_, failure) -> triesAgain(failure));
            informer.addEventHandler(this);
            if (!known.isEmpty()) {
                informer.initialState(known.stream());
            }
        }

        private boolean triesAgain(Throwable thrown) {
            Throwable failure =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            if (closed || source() != this) {
                return false;
            }
            if (failure instanceof KubernetesClientException answer && isFinal(answer.getCode())) {
                if (!refused) {
                    refused = true;
                    onRefused.run();
                }
                onChange.run();
                return false;
            }
            String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
            if (failure instanceof KubernetesClientException answer && answer.getCode() == FORBIDDEN) {
                text = "the gateway's account needs get, list and watch (" + text + ')';
            }
            if (!text.equals(warned)) {
                LOG.warnf("%s cannot be watched, trying again: %s", name, text);
            }
            warned = text;
            lastError = text;
            return true;
        }

        /// Objects that are known are not given up for an answer that there is no such kind.
        private boolean isFinal(int status) {
            return switch (refusal) {
                case NONE -> false;
                case FORBIDDEN -> status == FORBIDDEN && !synced;
                case ABSENT ->
                    status == NOT_FOUND && informer.getStore().listKeys().isEmpty();
            };
        }

        @Override
        public void onAdd(T object) {
            handle(object, true);
        }

        @Override
        public void onUpdate(T before, T object) {
            handle(object, true);
        }

        @Override
        public void onDelete(T object, boolean stateUnknown) {
            handle(object, false);
        }

        @Override
        public void onList(String resourceVersion, boolean remainedEmpty) {
            if (source() != this) {
                return;
            }
            listed = true;
            synced = true;
            lastError = null;
            if (refused) {
                refused = false;
                LOG.infof("%s can be listed now", name);
            }
            onChange.run();
        }

        /// An object that cannot be read must not hide the others.
        private void handle(T object, boolean there) {
            RuntimeException unreadable = null;
            synchronized (ObjectFeed.this) {
                if (closed || source != this) {
                    return;
                }
                String id = KubernetesObjects.id(object);
                try {
                    if (there) {
                        reported.put(id, object);
                        reader.put().accept(object);
                    } else {
                        reported.remove(id);
                        reader.remove().accept(object);
                    }
                } catch (RuntimeException thrown) {
                    unreadable = thrown;
                }
            }
            if (unreadable != null) {
                LOG.warnf(unreadable, "%s: %s is left out", name, KubernetesObjects.id(object));
            }
            onChange.run();
        }
    }

    /// Keeps no more of each object than is read.
    private static final class BareStore<T extends HasMetadata> extends BasicItemStore<T> {
        private final Reader<T> reader;

        BareStore(Reader<T> reader) {
            super(KubernetesObjects::id);
            this.reader = reader;
        }

        @Override
        public T put(String key, T object) {
            return super.put(key, reader.bare().apply(object));
        }
    }
}
