package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Counts the system calls of a peer, by strace.
final class SystemCalls implements AutoCloseable {
    private final Path counts = Files.createTempFile("sallyport-calls", ".txt");
    private final Process strace;

    private SystemCalls(List<Long> pids) throws IOException {
        List<String> command = new ArrayList<>(List.of("strace", "-c", "-f", "-q", "-o", counts.toString()));
        pids.forEach(pid -> command.addAll(List.of("-p", "" + pid)));
        strace = Tool.start(command);
    }

    static boolean canBeCounted() {
        return Tool.isOnPath("strace");
    }

    static SystemCalls of(RunningPeer peer) throws IOException, InterruptedException {
        SystemCalls started = new SystemCalls(peer.pids().toList());
        // It says nothing once it has attached.
        Thread.sleep(500);
        return started;
    }

    /// Ends the count.
    long count() throws IOException, InterruptedException {
        strace.destroy();
        strace.waitFor();
        return Files.readAllLines(counts).stream()
                .filter(line -> line.endsWith(" total"))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[3]))
                .sum();
    }

    @Override
    public void close() throws IOException {
        strace.destroyForcibly();
        Files.deleteIfExists(counts);
    }
}
