package io.sallyport.reload;

import io.sallyport.snapshot.Snapshot;
import java.io.IOException;

/// Makes bound ports follow the snapshot. The listener package implements it; the transaction only knows its two steps.
public interface ListenerApplier {
    /// Binds what the next generation adds, without accepting yet. A listener whose port cannot be bound, such as one
    /// that is in use, concerns no other one.
    ///
    /// @param whole whether all of them have to be bound
    /// @throws IOException where none can be bound, or not all of them that have to be; then nothing has changed
    Prepared prepare(Snapshot next, boolean whole) throws IOException;

    /// A generation whose ports are bound.
    interface Prepared {
        /// After the swap: opens what is new, closes and drains what is gone.
        void commit(Snapshot previous);

        /// Instead of the commit: closes what is new.
        void discard();
    }
}
