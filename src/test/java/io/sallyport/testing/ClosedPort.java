package io.sallyport.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/// A port of the loopback interface that refuses connections for as long as the tests run: it is bound, so that nobody
/// else gets it, and nobody listens.
public final class ClosedPort {
    private static final Socket HOLDER = new Socket();

    static {
        try {
            HOLDER.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ClosedPort() {}

    public static int number() {
        return HOLDER.getLocalPort();
    }
}
