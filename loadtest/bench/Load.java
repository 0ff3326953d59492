import java.io.IOException;

/// A kind of traffic; the same for every peer.
enum Load {
    SMALL("HTTP/1.1 keep-alive, 3 bytes") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("http://127.0.0.1:" + ports.http() + "/", HOST, seconds);
        }
    },
    BODY_16K("HTTP/1.1 keep-alive, 16 KiB") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("http://127.0.0.1:" + ports.http() + "/16k", HOST, seconds);
        }
    },
    BODY_1M("HTTP/1.1 keep-alive, 1 MiB") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("http://127.0.0.1:" + ports.http() + "/1m", HOST, seconds);
        }
    },
    POST_16K("POST 16 KiB") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("http://127.0.0.1:" + ports.http() + "/", HOST, seconds, "POST", 16 * 1024);
        }
    },
    ROUTES("1,000 routes, the last one") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            String path = "/r" + (Site.ROUTES - 1) + "/x";
            return Wrk.run("http://127.0.0.1:" + ports.routes() + path, "routes.example", seconds);
        }
    },
    TLS_KEEP_ALIVE("TLS keep-alive, 3 bytes") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("https://127.0.0.1:" + ports.tls() + "/", HOST, seconds);
        }
    },
    TLS_1M("TLS keep-alive, 1 MiB") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Wrk.run("https://127.0.0.1:" + ports.tls() + "/1m", HOST, seconds);
        }
    },
    TLS_HANDSHAKES("TLS, new connections") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return Handshakes.run(ports.tls(), seconds);
        }
    },
    HTTP2_TLS("HTTP/2 over TLS, 3 bytes") {
        @Override
        Outcome run(Ports ports, int seconds) throws IOException, InterruptedException {
            return H2Load.saturate("https://127.0.0.1:" + ports.tls() + "/", HOST, seconds);
        }
    };

    private static final String HOST = "bench.example";

    /// For the report.
    final String title;

    Load(String title) {
        this.title = title;
    }

    abstract Outcome run(Ports ports, int seconds) throws IOException, InterruptedException;
}
