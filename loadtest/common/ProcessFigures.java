package common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What Linux tells of a process under /proc; nothing of one that is gone.
public final class ProcessFigures {
    /// Of times in /proc: Linux shows them so to every program.
    private static final double TICKS_PER_SECOND = 100;

    private ProcessFigures() {}

    /// User and system time so far.
    public static double cpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", "" + pid, "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        } catch (IOException gone) {
            return 0;
        }
    }

    /// Resident now, in MB.
    public static double residentMegabytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", "" + pid, "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    / 1024.0;
        } catch (IOException gone) {
            return 0;
        }
    }
}
