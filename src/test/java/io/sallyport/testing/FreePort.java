package io.sallyport.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/// Ports for what is started later. They lie below those that the system gives to whoever asks for any, for else the
/// next server that a test starts would get one of them now and then (Linux: once in 6,000 times).
///
/// Each process has a block of them for itself, which it holds by listening on the first one.
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int BLOCKS = 20;
    private static final int SIZE = 500;
    private static final ServerSocket HOLDER = holder();
    private static final AtomicInteger GIVEN = new AtomicInteger();

    private FreePort() {}

    /// Another one each time, until all of the block have been given out.
    public static int number() {
        for (int i = 1; i < SIZE; i++) {
            int port = HOLDER.getLocalPort() + 1 + GIVEN.getAndUpdate(last -> (last + 1) % (SIZE - 1));
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    private static ServerSocket holder() {
        for (int i = 0; i < BLOCKS; i++) {
            try {
                return new ServerSocket(FIRST + i * SIZE, 1, InetAddress.getLoopbackAddress());
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IllegalStateException("every block of ports is taken");
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port)) {
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
