package io.sallyport.snapshot;

/// The one mutable reference between configuration and data path.
///
/// A request reads it once and keeps what it got to its end; so nothing that a request sees changes under it.
public final class SnapshotHolder {
    private volatile Snapshot current;

    public SnapshotHolder(Snapshot first) {
        current = first;
    }

    public Snapshot current() {
        return current;
    }

    /// Makes the next generation current for all requests that begin from now on.
    public void swap(Snapshot next) {
        current = next;
    }
}
