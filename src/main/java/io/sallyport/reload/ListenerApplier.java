package io.sallyport.reload;

import io.sallyport.snapshot.Snapshot;
import java.io.IOException;

/// Makes bound ports follow the snapshot. The listener package implements it; the transaction only knows its two steps.
public interface ListenerApplier {
    /// Binds what the next generation adds, without accepting yet.
    ///
    /// @throws IOException where a port cannot be bound; then nothing has changed
    Prepared prepare(Snapshot next) throws IOException;

    /// A generation whose ports are bound.
    interface Prepared {
        /// After the swap: opens what is new, closes and drains what is gone.
        void commit(Snapshot previous);

        /// Instead of the commit: closes what is new.
        void discard();
    }
}
