package bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Full TLS handshakes, one after the other in a few processes; no session is resumed.
final class Handshakes {
    private static final int CLIENTS = 4;
    private static final Pattern COUNT = Pattern.compile("(\\d+) connections in (\\d+) real seconds");

    private Handshakes() {}

    static Outcome run(int port, int seconds) throws IOException, InterruptedException {
        List<Process> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Tool.start(
                    List.of("openssl", "s_time", "-connect", "127.0.0.1:" + port, "-new", "-time", "" + seconds)));
        }
        long count = 0;
        for (Process client : clients) {
            String said = Tool.output(client);
            Matcher matcher = COUNT.matcher(said);
            if (!matcher.find()) {
                throw new IOException("openssl s_time said: " + said);
            }
            count += Long.parseLong(matcher.group(1));
        }
        return new Outcome(count, seconds, Double.NaN, Double.NaN, 0);
    }
}
