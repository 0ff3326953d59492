package io.sallyport.config;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The file system's events for some directories and those below them. Where the system has none to give (its limit on
/// watches is reached), it waits and says nothing: the watcher's own looking must do.
final class FileEvents implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileEvents.class.getName());
    private static final WatchEvent.Kind<?>[] KINDS = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE, StandardWatchEventKinds.ENTRY_MODIFY
    };

    enum Change {
        NONE,
        /// Something was written, made or deleted; more may follow.
        EDIT,
        /// A `..data` link was replaced: the new generation is whole.
        SWAP
    }

    private final List<Path> roots;
    private final @Nullable WatchService service;
    private boolean complained;

    private FileEvents(List<Path> roots, @Nullable WatchService service) {
        this.roots = List.copyOf(roots);
        this.service = service;
    }

    static FileEvents open(List<Path> roots) {
        WatchService service = null;
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            LOG.log(Logger.Level.WARNING, "no file events, looking for changes instead: " + e.getMessage());
        }
        FileEvents events = new FileEvents(roots, service);
        events.refresh();
        return events;
    }

    /// Waits for changes.
    ///
    /// @param nanos the longest time to wait
    Change await(long nanos) throws InterruptedException {
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
            return Change.NONE;
        }
        try {
            WatchKey key = service.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            Change change = Change.NONE;
            for (; key != null; key = service.poll()) {
                change = worse(change, drain(key));
            }
            return change;
        } catch (ClosedWatchServiceException e) {
            return Change.NONE;
        }
    }

    private static Change drain(WatchKey key) {
        Change change = Change.NONE;
        for (WatchEvent<?> event : key.pollEvents()) {
            boolean link =
                    event.context() instanceof Path name && name.toString().equals("..data");
            boolean noise =
                    event.context() instanceof Path name && name.toString().startsWith("..") && !link;
            // The kubelet makes ..2026_01_01 and ..data_tmp before, and deletes the old generation after the swap.
            if (!noise) {
                change = worse(change, link ? Change.SWAP : Change.EDIT);
            }
        }
        key.reset();
        return change;
    }

    /// An edit among swaps may be half done.
    private static Change worse(Change a, Change b) {
        return a == Change.EDIT || b == Change.EDIT ? Change.EDIT : a == Change.NONE ? b : a;
    }

    /// Registers directories that have come since.
    void refresh() {
        if (service == null) {
            return;
        }
        for (Path root : roots) {
            Path parent = root.toAbsolutePath().getParent();
            // Whoever replaces the directory itself is seen by its parent only.
            boolean replaceable = Files.isSymbolicLink(root) || !Files.exists(root);
            if (parent != null && replaceable) {
                register(parent, service);
            }
        }
        WatchedTree.directories(roots).forEach(directory -> register(directory, service));
    }

    private void register(Path directory, WatchService watchService) {
        try {
            directory.register(watchService, KINDS);
        } catch (IOException | ClosedWatchServiceException | SecurityException e) {
            if (!complained && Files.isDirectory(directory)) {
                complained = true;
                LOG.log(Logger.Level.WARNING, "no file events for {0}: {1}", directory, e.getMessage());
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (service != null) {
            service.close();
        }
    }
}
