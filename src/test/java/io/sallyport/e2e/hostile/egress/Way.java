package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// How a client of the mesh listener may ask for a host.
enum Way {
    ABSOLUTE_FORM {
        @Override
        String ask(int port, String authority) throws IOException {
            return get(port, "http://" + authority + "/", authority);
        }
    },
    /// With a port of its own: where there is none, the scheme's counts.
    ABSOLUTE_FORM_HTTPS {
        @Override
        String ask(int port, String authority) throws IOException {
            return get(port, "https://" + authority + "/", authority);
        }
    },
    ORIGIN_FORM {
        @Override
        String ask(int port, String authority) throws IOException {
            return get(port, "/", authority);
        }
    },
    CONNECT {
        @Override
        String ask(int port, String authority) throws IOException {
            try (RawClient client = new RawClient(port)) {
                client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
                String head = client.readHead();
                if (!head.startsWith("HTTP/1.1 2")) {
                    return head + client.readToEnd();
                }
                return client.send("GET / HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                        .readResponse();
            }
        }
    },
    HTTP2 {
        @Override
        String ask(int port, String authority) throws IOException {
            return stream(port, ":method", "GET", ":scheme", "http", ":authority", authority, ":path", "/");
        }
    },
    HTTP2_CONNECT {
        @Override
        String ask(int port, String authority) throws IOException {
            return stream(port, ":method", "CONNECT", ":authority", authority);
        }
    },
    /// TLS that the network sent here; the name's port is 443.
    SERVER_NAME {
        @Override
        String ask(int port, String authority) throws IOException {
            String name = authority.replaceFirst(":[0-9]*$", "");
            try (RawClient client = new RawClient(port)) {
                client.send(ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName(name)))));
                return client.readToEnd();
            }
        }
    };

    /// Returns all that comes back: a response, or nothing.
    final String ask(TestGateway gateway, String authority) throws IOException {
        return ask(gateway.port(MESH_PORT), authority);
    }

    /// @param authority in ISO 8859-1, so that any byte can be said
    abstract String ask(int port, String authority) throws IOException;

    private static String get(int port, String target, String host) throws IOException {
        return RawClient.exchange(
                port, "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    /// The answer's head, and what comes after it on a stream that stays open.
    private static String stream(int port, String... fields) throws IOException {
        boolean tunnel = fields[1].equals("CONNECT");
        try (H2Client client = new H2Client(port)) {
            client.send(Frames.headers(1, !tunnel, fields));
            SentFrame answer = client.answer(1);
            if (tunnel && answer != null && answer.toString().contains(":status=2")) {
                client.send(Frames.data(1, "GET / HTTP/1.1\r\nHost: " + fields[3] + "\r\n\r\n", false));
            }
            if (answer == null || answer.ends() || answer.type() == Frames.RST_STREAM) {
                return String.valueOf(answer);
            }
            SentFrame body = client.await(frame -> frame.stream() == 1 && frame.type() != Frames.WINDOW_UPDATE);
            return answer + (body == null ? "" : new String(body.payload(), StandardCharsets.ISO_8859_1));
        }
    }
}
