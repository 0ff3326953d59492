package io.sallyport.cli;

import io.sallyport.admin.NativeImage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.nativeimage.c.function.CFunction;
import org.jspecify.annotations.Nullable;

/// Gives back the pages of a native executable's file that only its start has read: half of what is resident when it
/// begins to serve. They are the page cache's, so whoever needs one again finds it there, as long as it has room.
final class StartMemory {
    private static final Logger LOG = System.getLogger(StartMemory.class.getName());
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final Path EXECUTABLE = Path.of("/proc/self/exe");
    /// The last line of each mapping.
    private static final String END = "VmFlags:";

    private StartMemory() {}

    /// Does nothing on a JVM: its code is compiled into memory of its own.
    static void giveBack() {
        if (!NativeImage.IS_RUNNING) {
            return;
        }
        try {
            String executable = Files.readSymbolicLink(EXECUTABLE).toString();
            clean(Files.readAllLines(MAPPINGS), executable).forEach(Kernel::giveBack);
        } catch (IOException unknown) {
            LOG.log(Level.DEBUG, "pages of the start stay resident: what is clean cannot be read", unknown);
        }
    }

    /// Of the executable's mappings those that nobody can write to or has written to, as the dynamic linker does
    /// before it makes its tables read-only. They stay where they are for as long as the process lives. Those of
    /// libraries do not, and what came to their addresses meanwhile would be lost.
    ///
    /// @param smaps lines of `/proc/self/smaps` (proc(5))
    /// @param executable its path, as the kernel names it
    static List<Range> clean(List<String> smaps, String executable) {
        List<Range> found = new ArrayList<>();
        Range of = null;
        for (String line : smaps) {
            if (Character.isUpperCase(line.charAt(0))) {
                if (isCopied(line)) {
                    of = null;
                } else if (of != null && line.startsWith(END)) {
                    found.add(of);
                }
            } else {
                of = line.endsWith(' ' + executable) ? readOnly(line) : null;
            }
        }
        return found;
    }

    /// Something has been written to, and is not in the file.
    private static boolean isCopied(String line) {
        return (line.startsWith("Anonymous:") || line.startsWith("Swap:")) && !line.endsWith(" 0 kB");
    }

    /// @param mapping its addresses, permissions and more
    private static @Nullable Range readOnly(String mapping) {
        int to = mapping.indexOf('-') + 1;
        int permissions = mapping.indexOf(' ') + 1;
        return mapping.startsWith("r-", permissions)
                ? new Range(
                        Long.parseUnsignedLong(mapping, 0, to - 1, 16),
                        Long.parseUnsignedLong(mapping, to, permissions - 1, 16))
                : null;
    }

    /// Addresses.
    record Range(long from, long to) {}

    private static final class Kernel {
        /// `MADV_DONTNEED` (madvise(2)).
        private static final int NOT_NEEDED = 4;

        private Kernel() {}

        static void giveBack(Range range) {
            // What the kernel refuses stays resident.
            madvise(range.from, range.to - range.from, NOT_NEEDED);
        }

        @CFunction
        private static native int madvise(long address, long length, int advice);
    }
}
