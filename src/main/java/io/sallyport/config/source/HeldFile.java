package io.sallyport.config.source;

import io.sallyport.config.SourceFile;
import java.util.concurrent.TimeUnit;

/// A file's content as it was read, and how the file looked before.
///
/// @param readAt milliseconds since 1970
record HeldFile(SourceFile file, FileListing.Entry entry, long readAt) {
    /// File systems tell times in steps of up to two seconds: what was read so soon after a change may have changed
    /// again within the same step, with nothing to show for it.
    private static final long STEP_MILLIS = 2_000;

    /// Whether a file that looks like this needs no reading.
    boolean holds(FileListing.Entry now) {
        return now.equals(entry)
                && now.changed() >= 0
                && TimeUnit.NANOSECONDS.toMillis(now.changed()) + STEP_MILLIS < readAt;
    }
}
