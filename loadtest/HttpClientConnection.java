import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// HTTP/1.1 on one connection, with nothing between the gateway and the figures: no pool, no retry.
final class HttpClientConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    record Response(int status, Map<String, String> headers) {
        /// Null where there is none.
        String header(String name) {
            return headers.get(name);
        }

        /// The gateway says that it will close the connection: no failure, if it answers before.
        boolean isLast() {
            return "close".equalsIgnoreCase(header("connection"));
        }
    }

    private final Socket socket;
    private final InputStream in;

    HttpClientConnection(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    Response get(String host, String path) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    Response post(String host, String path, String body) throws IOException {
        return exchange("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private Response exchange(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status = readLine(in);
        if (status == null) {
            throw new EOFException("closed without an answer");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String field = readLine(in); field != null && !field.isEmpty(); field = readLine(in)) {
            int colon = field.indexOf(':');
            headers.put(field.substring(0, colon).toLowerCase(Locale.ROOT), field.substring(colon + 1).strip());
        }
        in.skipNBytes(Long.parseLong(headers.getOrDefault("content-length", "0")));
        return new Response(Integer.parseInt(status.substring(9, 12)), headers);
    }

    /// Without its end; null at the end of the stream.
    static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(64);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
