package bench;

import java.io.IOException;
import java.net.ServerSocket;

/// Of one peer.
///
/// @param routes where the host with many routes is served
/// @param spare for what else it listens on
record Ports(int http, int tls, int routes, int spare) {
    /// Free ones.
    static Ports pick() throws IOException {
        try (ServerSocket a = new ServerSocket(0);
                ServerSocket b = new ServerSocket(0);
                ServerSocket c = new ServerSocket(0);
                ServerSocket d = new ServerSocket(0)) {
            return new Ports(a.getLocalPort(), b.getLocalPort(), c.getLocalPort(), d.getLocalPort());
        }
    }
}
