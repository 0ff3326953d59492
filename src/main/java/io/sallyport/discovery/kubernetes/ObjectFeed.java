package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Objects of one kind as the API server lists them, and each of their changes. Tries again for as long as it takes;
/// objects that were reported stay known meanwhile.
final class ObjectFeed<T extends HasMetadata> implements ResourceEventHandler<T>, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ObjectFeed.class);
    private static final int FORBIDDEN = 403;

    /// Handles the objects of one kind, on one thread at a time.
    ///
    /// @param bare removes from an object what need not be cached
    record Reader<T>(UnaryOperator<T> bare, Consumer<T> put, Consumer<T> remove) {}

    private final String name;
    private final @Nullable Runnable onForbidden;
    private final Reader<T> reader;
    private final Runnable onChange;
    private final SharedIndexInformer<T> informer;
    private volatile boolean synced;
    private volatile boolean denied;
    private volatile boolean closed;
    private volatile @Nullable String lastError;

    /// @param name of the kind, in the plural
    /// @param onForbidden called where the account may not list them: then it is not tried again; null where it
    ///     is, as after any other failure
    /// @param onChange called after every object, and when all have been listed
    ObjectFeed(
            String name, @Nullable Runnable onForbidden, Informable<T> objects, Reader<T> reader, Runnable onChange) {
        this.name = name;
        this.onForbidden = onForbidden;
        this.reader = reader;
        this.onChange = onChange;
        informer = objects.runnableInformer(0)
                .itemStore(new BareStore<>(reader))
                .exceptionHandler((_, failure) -> triesAgain(failure));
        informer.addEventHandler(this);
    }

    void start() {
        // Failures are the exception handler's.
        informer.start();
    }

    private boolean triesAgain(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (onForbidden != null
                && failure instanceof KubernetesClientException answer
                && answer.getCode() == FORBIDDEN) {
            denied = true;
            onForbidden.run();
            onChange.run();
            return false;
        }
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (!closed && !text.equals(lastError)) {
            LOG.warnf("%s cannot be watched, trying again: %s", name, text);
        }
        lastError = text;
        return !closed;
    }

    /// All have been reported once, or never will be.
    boolean isSynced() {
        return synced || denied;
    }

    boolean isWatching() {
        return denied || informer.isWatching();
    }

    /// Null for none since the last list.
    @Nullable
    String lastError() {
        return lastError == null ? null : name + ": " + lastError;
    }

    @Override
    public void onAdd(T object) {
        handle(object, reader.put());
    }

    @Override
    public void onUpdate(T before, T object) {
        handle(object, reader.put());
    }

    @Override
    public void onDelete(T object, boolean stateUnknown) {
        handle(object, reader.remove());
    }

    @Override
    public void onList(String resourceVersion, boolean remainedEmpty) {
        synced = true;
        lastError = null;
        onChange.run();
    }

    /// An object that cannot be read must not hide the others.
    private void handle(T object, Consumer<T> to) {
        if (closed) {
            return;
        }
        try {
            to.accept(object);
        } catch (RuntimeException unreadable) {
            LOG.warnf(unreadable, "%s: %s is left out", name, KubernetesObjects.id(object));
        }
        onChange.run();
    }

    @Override
    public void close() {
        closed = true;
        informer.stop();
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
