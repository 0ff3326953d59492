package io.sallyport.config.source;

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

/// The file system's events for some directories and those below them. Where the system offers none (its limit on
/// watches is reached), nothing is reported, and the watcher's polling has to do.
final class FileEvents implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileEvents.class.getName());
    private static final WatchEvent.Kind<?>[] KINDS = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE, StandardWatchEventKinds.ENTRY_MODIFY
    };

    private final List<Path> roots;
    private final @Nullable WatchService service;
    private boolean directoriesChanged;
    private boolean warned;

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

    /// Whether there are any events to wait for.
    boolean isSilent() {
        return service == null;
    }

    /// Waits for changes and adds them to the debounce.
    ///
    /// @param nanos the longest time to wait
    /// @return whether anything was added
    boolean await(long nanos, Debounce debounce) throws InterruptedException {
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
            return false;
        }
        try {
            WatchKey key = service.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            boolean any = false;
            for (; key != null; key = service.poll()) {
                any |= drain(key, debounce);
            }
            return any;
        } catch (ClosedWatchServiceException e) {
            return false;
        }
    }

    private boolean drain(WatchKey key, Debounce debounce) {
        Path directory = (Path) key.watchable();
        boolean any = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            if (!(event.context() instanceof Path name)) {
                // Events were lost.
                debounce.changedAnything(false);
                any = true;
            } else if (name.toString().equals("..data")) {
                debounce.changedAnything(true);
                any = true;
            } else if (!name.toString().startsWith(".") && concerns(directory, directory.resolve(name))) {
                // Hidden names are left out: the kubelet makes ..2026_01_01 and ..data_tmp before the swap and deletes
                // the old generation after it; editors and copying programs write to hidden files first.
                add(directory, name, event.kind(), debounce);
                any = true;
            }
        }
        directoriesChanged |= !key.reset();
        return any;
    }

    /// A root's parent is watched for the root alone, not for what is beside it.
    private boolean concerns(Path directory, Path file) {
        return roots.stream()
                .anyMatch(root ->
                        directory.startsWith(root) || root.toAbsolutePath().equals(file.toAbsolutePath()));
    }

    private void add(Path directory, Path name, WatchEvent.Kind<?> kind, Debounce debounce) {
        Path path = directory.resolve(name);
        boolean here = roots.contains(directory);
        boolean isDirectory = Files.isDirectory(path);
        directoriesChanged |= isDirectory;
        if (!here || isDirectory) {
            // Files may be links into directories further down, or a root itself is one.
            debounce.changedAnything(false);
        } else {
            // A file that arrives with content was renamed into place: one that is written under its own name is
            // reported as written, too. An empty one is still to be written.
            boolean whole = kind == StandardWatchEventKinds.ENTRY_DELETE
                    || kind == StandardWatchEventKinds.ENTRY_CREATE && !isEmpty(path);
            debounce.changed(path, whole);
        }
    }

    private static boolean isEmpty(Path file) {
        try {
            return Files.size(file) == 0;
        } catch (IOException | SecurityException gone) {
            return false;
        }
    }

    /// Registers new directories if events reported any.
    void refreshIfNeeded() {
        if (directoriesChanged) {
            refresh();
        }
    }

    /// Registers new directories.
    void refresh() {
        refreshRoots();
        register(WatchedTree.of(roots).directories());
    }

    /// Registers where new roots would come to stand.
    void refreshRoots() {
        directoriesChanged = false;
        if (service == null) {
            return;
        }
        for (Path root : roots) {
            Path parent = root.toAbsolutePath().getParent();
            // A replacement of the directory itself is an event of its parent only.
            boolean replaceable = Files.isSymbolicLink(root) || !Files.exists(root);
            if (parent != null && replaceable) {
                register(parent, service);
            }
        }
    }

    /// Registers those that are not registered yet.
    void register(List<Path> directories) {
        if (service != null) {
            directories.forEach(directory -> register(directory, service));
        }
    }

    private void register(Path directory, WatchService watchService) {
        try {
            directory.register(watchService, KINDS);
        } catch (IOException | ClosedWatchServiceException | SecurityException e) {
            if (!warned && Files.isDirectory(directory)) {
                warned = true;
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
