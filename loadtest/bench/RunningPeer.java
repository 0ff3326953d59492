package bench;

import common.ProcessFigures;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A peer's processes, on their core.
final class RunningPeer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int ANSWER_MILLIS = 5000;

    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: bench.example\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    final Peer peer;
    final Ports ports;
    final List<String> headers;
    final double startMillis;
    /// Its standard output.
    final Path output;
    private final List<Process> processes;

    private RunningPeer(
            Peer peer, Ports ports, List<String> headers, double startMillis, Path output, List<Process> processes) {
        this.peer = peer;
        this.ports = ports;
        this.headers = headers;
        this.startMillis = startMillis;
        this.output = output;
        this.processes = processes;
    }

    /// Returns after the first proxied answer.
    static RunningPeer start(Peer peer, Site site) throws IOException, InterruptedException {
        Peer.Start start = peer.prepare(site, Ports.pick());
        List<Process> processes = new ArrayList<>();
        Path log = site.work().resolve(peer.name() + ".out");
        long begin = System.nanoTime();
        for (List<String> command : start.commands()) {
            List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Peer.CORE));
            pinned.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(pinned).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(start.environment());
            processes.add(builder.start());
        }
        RunningPeer running = new RunningPeer(peer, start.ports(), peer.headers(site), 0, log, processes);
        try {
            double millis = running.awaitAnswer(begin);
            return new RunningPeer(peer, start.ports(), running.headers, millis, log, processes);
        } catch (IOException failed) {
            running.close();
            throw new IOException(peer.name() + " does not start: " + Files.readString(log), failed);
        }
    }

    private double awaitAnswer(long begin) throws IOException, InterruptedException {
        while (true) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(ANSWER_MILLIS);
                socket.connect(new InetSocketAddress("127.0.0.1", ports.http()));
                socket.getOutputStream().write(REQUEST);
                String answer = new String(socket.getInputStream().readNBytes("HTTP/1.1 200".length()));
                if (answer.endsWith("200")) {
                    return (System.nanoTime() - begin) / 1e6;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() - begin > START.toNanos() || processes.stream().anyMatch(p -> !p.isAlive())) {
                    throw notYet;
                }
            }
            Thread.sleep(1);
        }
    }

    /// User and system time of all its processes so far.
    double cpuSeconds() {
        return pids().mapToDouble(ProcessFigures::cpuSeconds).sum();
    }

    /// Resident now, in MB.
    double residentMegabytes() {
        return pids().mapToDouble(ProcessFigures::residentMegabytes).sum();
    }

    Stream<Long> pids() {
        return processes.stream().flatMap(p -> Stream.concat(Stream.of(p.toHandle()), p.descendants()))
                .map(ProcessHandle::pid);
    }

    @Override
    public void close() {
        processes.forEach(p -> p.descendants().forEach(ProcessHandle::destroyForcibly));
        processes.forEach(Process::destroyForcibly);
    }
}
