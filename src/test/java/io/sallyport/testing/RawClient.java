package io.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A client that sends exactly the bytes it is told to.
public final class RawClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /// Over a socket that is connected already, such as one with TLS.
    public RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = socket.getInputStream();
    }

    /// Sends the bytes on a connection of their own and returns all that comes back until the gateway closes it.
    public static String exchange(int port, String request) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(request);
            return client.readToEnd();
        }
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    public Socket socket() {
        return socket;
    }

    /// All bytes until the end of the connection, be it orderly or a reset.
    ///
    /// @throws SocketTimeoutException where the gateway leaves the connection open
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (SocketTimeoutException open) {
            throw new SocketTimeoutException("still open after: " + all.toString(StandardCharsets.ISO_8859_1));
        } catch (IOException reset) {
            return all.toString(StandardCharsets.ISO_8859_1);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /// Up to and including the empty line after a head.
    public String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) readByte(head));
        }
        return head.toString();
    }

    public String readBytes(int count) throws IOException {
        StringBuilder bytes = new StringBuilder();
        while (bytes.length() < count) {
            bytes.append((char) readByte(bytes));
        }
        return bytes.toString();
    }

    /// A head and a body of the length it declares.
    public String readResponse() throws IOException {
        String head = readHead();
        String lower = head.toLowerCase(java.util.Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length:");
        if (at < 0) {
            return head;
        }
        int from = at + "\r\ncontent-length:".length();
        return head
                + readBytes(Integer.parseInt(
                        lower.substring(from, lower.indexOf("\r\n", from)).strip()));
    }

    private int readByte(StringBuilder soFar) throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new IOException("closed after: " + soFar);
        }
        return b;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
