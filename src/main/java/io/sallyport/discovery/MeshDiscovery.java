package io.sallyport.discovery;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps a [ServiceCatalog] current, and perhaps the configuration too, until it is closed.
public interface MeshDiscovery extends AutoCloseable {
    /// Begins discovery.
    ///
    /// @param onChange called on a thread of its own when there are other services or another configuration than
    ///     before, and not when only endpoints change; must not block for long
    void start(Runnable onChange);

    /// Waits until everything has been reported once.
    ///
    /// @return false where that takes longer
    boolean awaitSync(Duration longest) throws InterruptedException;

    ServiceCatalog catalog();

    /// The configuration's files by name; null where none can be read.
    @Nullable
    Map<String, byte[]> configMap();

    /// Istio's resources, each as a document by its name; empty where they are not followed.
    Map<String, byte[]> resources();

    /// The Secrets that resources name; [SecretCatalog#NONE] where Secrets are not followed.
    SecretCatalog secrets();

    DiscoveryStatus status();

    @Override
    void close();
}
