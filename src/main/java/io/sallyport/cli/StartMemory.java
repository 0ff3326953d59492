package io.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;
import org.jspecify.annotations.Nullable;

/// Gives back the native executable's memory that only its start needed.
///
/// The start runs once through much of the code and the constants, and the kernel maps what surrounds each page that is
/// touched. Such pages count as resident until memory is short. Given back, those that serving needs are mapped again
/// at their next use, out of the kernel's page cache.
final class StartMemory {
    private static final String ANONYMOUS = "Anonymous:";

    private StartMemory() {}

    /// Returns at once on a JVM, and does nothing where the kernel does not tell what is mapped.
    static void release() {
        if (!"runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            return;
        }
        try {
            String executable = Path.of("/proc/self/exe").toRealPath().toString();
            for (Mapping mapping : unchanged(Files.readAllLines(Path.of("/proc/self/smaps")), executable)) {
                Libc.madvise(
                        WordFactory.pointer(mapping.start()),
                        WordFactory.unsigned(mapping.end() - mapping.start()),
                        Libc.DONT_NEED);
            }
        } catch (IOException unknown) {
            // A sandbox without /proc: memory stays as it is.
        }
    }

    /// The mappings of a file that hold nothing but what is in the file: read-only ones without a page of their own.
    ///
    /// @param smaps lines of `/proc/PID/smaps` (proc_pid_smaps(5))
    static List<Mapping> unchanged(List<String> smaps, String file) {
        List<Mapping> found = new ArrayList<>();
        @Nullable Mapping candidate = null;
        for (String line : smaps) {
            if (line.startsWith(ANONYMOUS)) {
                if (candidate != null
                        && line.substring(ANONYMOUS.length()).strip().equals("0 kB")) {
                    found.add(candidate);
                }
                candidate = null;
            } else if (line.endsWith(' ' + file)) {
                candidate = Mapping.parse(line);
            }
        }
        return found;
    }

    /// @param start address of its first byte
    /// @param end address behind its last byte
    record Mapping(long start, long end) {
        /// Null for one that may be written to.
        static @Nullable Mapping parse(String line) {
            String[] fields = line.split(" ", 3);
            int dash = fields[0].indexOf('-');
            return fields[1].contains("w")
                    ? null
                    : new Mapping(
                            Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                            Long.parseUnsignedLong(fields[0].substring(dash + 1), 16));
        }
    }

    /// Apart, since a JVM has none of its types.
    private static final class Libc {
        /// MADV_DONTNEED of madvise(2).
        static final int DONT_NEED = 4;

        private Libc() {}

        /// What it returns does not matter: pages that are not given back stay.
        @CFunction
        static native int madvise(PointerBase address, UnsignedWord length, int advice);
    }
}
