package bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// HTTP/1.1 on 32 connections, as fast as they answer.
final class Wrk {
    private static final int CONNECTIONS = 32;

    private Wrk() {}

    static Outcome run(String url, String host, int seconds) throws IOException, InterruptedException {
        return run(url, host, List.of(), seconds);
    }

    static Outcome run(String url, String host, List<String> headers, int seconds)
            throws IOException, InterruptedException {
        return run(url, host, headers, seconds, "GET", 0);
    }

    static Outcome run(
            String url, String host, List<String> headers, int seconds, String method, int bodyBytes)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "wrk", "-t", "1", "-c", "" + CONNECTIONS, "-d", seconds + "s", "-H", "Host: " + host));
        headers.forEach(header -> command.addAll(List.of("-H", header)));
        command.addAll(List.of(
                "-s", Site.TEMPLATES.resolve("bench.lua").toString(), url, "--", method, "" + bodyBytes));
        String said = Tool.output(Tool.start(command));
        String[] done = said.lines()
                .filter(line -> line.startsWith("DONE "))
                .findFirst()
                .orElseThrow(() -> new IOException("wrk said: " + said))
                .split(" ");
        return new Outcome(
                Long.parseLong(done[1]),
                Long.parseLong(done[2]) / 1e6,
                Long.parseLong(done[3]) / 1e3,
                Long.parseLong(done[4]) / 1e3,
                Long.parseLong(done[5]));
    }
}
