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
    /// Address range, permissions, offset, device and inode; the latter is 0 for what is no file (proc(5)).
    private static final Pattern MAPPING =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) ([rwxsp-]{4}) [0-9a-f]+ [0-9a-f:]+ (\\d+)\\b.*");
    /// What has been written to and is not in the file.
    private static final Pattern COPIED = Pattern.compile("(?:Anonymous|Swap): +[1-9]\\d* kB");
    /// The last line of each mapping.
    private static final String END = "VmFlags:";

    private StartPages() {}

    /// Does nothing on a JVM, whose code is compiled into memory of its own.
    static void giveBack() {
        if (NativeImage.IS_RUNNING) {
            try {
                clean(Files.readAllLines(MAPPINGS)).forEach(Kernel::giveBack);
            } catch (IOException e) {
                // Where it cannot be known what is clean, all stays.
                return;
            }
        }
    }

    /// Of the process's mappings those of files that nobody can write to or has written to, as the dynamic linker does
    /// before it makes its tables read-only.
    ///
    /// @param smaps lines of `/proc/self/smaps`
    static List<Range> clean(List<String> smaps) {
        List<Range> found = new ArrayList<>();
        Range of = null;
        for (String line : smaps) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.matches()) {
                of = ofFile(mapping);
            } else if (COPIED.matcher(line).matches()) {
                of = null;
            } else if (of != null && line.startsWith(END)) {
                found.add(of);
            }
        }
        return found;
    }

    private static @Nullable Range ofFile(Matcher mapping) {
        boolean file = !mapping.group(4).equals("0");
        boolean readOnly = mapping.group(3).charAt(0) == 'r' && mapping.group(3).charAt(1) == '-';
        return file && readOnly
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
