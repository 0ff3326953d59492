package bench;

import java.io.IOException;
import java.util.List;

/// A kind of traffic; the same for every peer.
enum Load {
    SMALL(
            "HTTP/1.1 keep-alive, 3 bytes",
            (ports, headers, seconds) -> Wrk.run(plain(ports) + "/", Load.HOST, headers, seconds)),
    BODY_16K("HTTP/1.1 keep-alive, 16 KiB", (ports, _, seconds) -> Wrk.run(plain(ports) + "/16k", Load.HOST, seconds)),
    BODY_1M("HTTP/1.1 keep-alive, 1 MiB", (ports, _, seconds) -> Wrk.run(plain(ports) + "/1m", Load.HOST, seconds)),
    POST_16K(
            "POST 16 KiB",
            (ports, _, seconds) -> Wrk.run(plain(ports) + "/", Load.HOST, List.of(), seconds, "POST", 16 * 1024)),
    ROUTES(
            "1,000 routes, the last one",
            (ports, _, seconds) -> Wrk.run(
                    "http://127.0.0.1:" + ports.routes() + "/r" + (Site.ROUTES - 1) + "/x", "routes.example", seconds)),
    TLS_KEEP_ALIVE("TLS keep-alive, 3 bytes", (ports, _, seconds) -> Wrk.run(tls(ports) + "/", Load.HOST, seconds)),
    TLS_1M("TLS keep-alive, 1 MiB", (ports, _, seconds) -> Wrk.run(tls(ports) + "/1m", Load.HOST, seconds)),
    TLS_HANDSHAKES("TLS, new connections", (ports, _, seconds) -> Handshakes.run(ports.tls(), seconds)),
    HTTP2_TLS(
            "HTTP/2 over TLS, 3 bytes",
            (ports, _, seconds) -> H2Load.saturate(tls(ports) + "/", Load.HOST, seconds));

    private static final String HOST = "bench.example";

    private interface Traffic {
        Outcome run(Ports ports, List<String> headers, int seconds) throws IOException, InterruptedException;
    }

    /// For the report.
    final String title;

    private final Traffic traffic;

    Load(String title, Traffic traffic) {
        this.title = title;
        this.traffic = traffic;
    }

    private static String plain(Ports ports) {
        return "http://127.0.0.1:" + ports.http();
    }

    private static String tls(Ports ports) {
        return "https://127.0.0.1:" + ports.tls();
    }

    /// @param headers that requests carry besides, of loads that peers run with headers of their own
    Outcome run(Ports ports, List<String> headers, int seconds) throws IOException, InterruptedException {
        return traffic.run(ports, headers, seconds);
    }
}
