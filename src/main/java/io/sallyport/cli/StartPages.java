package io.sallyport.cli;

import io.sallyport.admin.NativeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.nativeimage.c.function.CFunction;
import org.jspecify.annotations.Nullable;

/// Gives back the pages of a native executable that only its start has read: half of what is resident when it begins to
/// serve. They are the page cache's, so whoever needs one again finds it there, as long as memory is not scarce.
final class StartPages {
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final Path EXECUTABLE = Path.of("/proc/self/exe");
    /// Address range, permissions, offset, device, inode and path, if any (proc(5)).
    private static final Pattern MAPPING =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) ([rwxsp-]{4}) [0-9a-f]+ [0-9a-f:]+ \\d+ *(.*)");
    /// What has been written to and is not in the file.
    private static final Pattern COPIED = Pattern.compile("(?:Anonymous|Swap): +[1-9]\\d* kB");
    /// The last line of each mapping.
    private static final String END = "VmFlags:";

    private StartPages() {}

    /// Does nothing on a JVM, whose code is compiled into memory of its own.
    static void giveBack() {
        if (NativeImage.IS_RUNNING) {
            try {
                String executable = Files.readSymbolicLink(EXECUTABLE).toString();
                clean(Files.readAllLines(MAPPINGS), executable).forEach(Kernel::giveBack);
            } catch (IOException e) {
                // Where it cannot be known what is clean, all stays.
                return;
            }
        }
    }

    /// Of the executable's mappings those that nobody can write to or has written to, as the dynamic linker does before
    /// it makes its tables read-only. They stay where they are for as long as the process lives. Those of libraries
    // may
    /// be replaced meanwhile, by a thread that loads or unloads one, and what is then at their addresses would be
    // lost.
    ///
    /// @param smaps lines of `/proc/self/smaps`
    /// @param executable its path, as the kernel names it
    static List<Range> clean(List<String> smaps, String executable) {
        List<Range> found = new ArrayList<>();
        Range of = null;
        for (String line : smaps) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.matches()) {
                of = readOnly(mapping, executable);
            } else if (COPIED.matcher(line).matches()) {
                of = null;
            } else if (of != null && line.startsWith(END)) {
                found.add(of);
            }
        }
        return found;
    }

    private static @Nullable Range readOnly(Matcher mapping, String executable) {
        boolean readOnly = mapping.group(3).startsWith("r-");
        return readOnly && mapping.group(4).equals(executable)
                ? new Range(Long.parseUnsignedLong(mapping.group(1), 16), Long.parseUnsignedLong(mapping.group(2), 16))
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
