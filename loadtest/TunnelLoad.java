import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/// Opens CONNECT tunnels through a proxy, each on a thread that blocks. The client's first bytes are a ClientHello for
/// the tunnel's host, as a proxy expects that looks at it.
///
/// Commands come on standard input, one in a line, and each is answered with a line `COUNT SECONDS`:
///
/// - `tunnels PROXY_PORT HOST:PORT CLIENTS SECONDS`: tunnels that were opened, carried one exchange and were closed
/// - `bytes PROXY_PORT HOST:PORT CLIENTS SECONDS`: bytes that arrived through as many tunnels
public final class TunnelLoad {
    private final InetSocketAddress proxy;
    private final byte[] connect;
    private final byte[] hello;
    private final boolean endless;
    private final long end;
    private final AtomicLong done = new AtomicLong();

    private TunnelLoad(String[] command) {
        endless = command[0].equals("bytes");
        proxy = new InetSocketAddress("127.0.0.1", Integer.parseInt(command[1]));
        String authority = command[2];
        connect = ("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        hello = hello(authority.substring(0, authority.indexOf(':')));
        end = System.nanoTime() + (long) (Double.parseDouble(command[4]) * 1e9);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        for (String line : (Iterable<String>) new java.io.BufferedReader(new java.io.InputStreamReader(System.in)).lines()::iterator) {
            String[] command = line.split(" ");
            long begin = System.nanoTime();
            long count = new TunnelLoad(command).run(Integer.parseInt(command[3]));
            System.out.println(count + " " + (System.nanoTime() - begin) / 1e9);
        }
    }

    private long run(int clients) throws InterruptedException {
        Thread[] threads = new Thread[clients];
        for (int i = 0; i < clients; i++) {
            threads[i] = Thread.ofPlatform().start(this::work);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return done.get();
    }

    private void work() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
        try {
            do {
                tunnel(buffer);
            } while (System.nanoTime() < end);
        } catch (IOException e) {
            System.err.println("a tunnel failed: " + e);
            System.exit(1);
        }
    }

    private void tunnel(ByteBuffer buffer) throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(proxy);
            channel.write(buffer.clear().put(connect).flip());
            awaitOpen(channel, buffer);
            channel.write(buffer.clear().put(hello).flip());
            for (int left = TunnelUpstream.REPLY; left > 0; ) {
                left -= read(channel, buffer.clear());
            }
            while (endless && System.nanoTime() < end) {
                done.addAndGet(read(channel, buffer.clear()));
            }
        }
        if (!endless) {
            done.incrementAndGet();
        }
    }

    private static int read(SocketChannel channel, ByteBuffer buffer) throws IOException {
        int read = channel.read(buffer);
        if (read < 0) {
            throw new EOFException("it ended early");
        }
        return read;
    }

    /// Nothing follows the head before the client has sent something.
    private static void awaitOpen(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        do {
            read(channel, buffer);
        } while (buffer.position() < 4 || buffer.getInt(buffer.position() - 4) != 0x0d0a0d0a);
        byte[] status = new byte[12];
        buffer.get(0, status);
        if (!new String(status, StandardCharsets.US_ASCII).endsWith(" 200")) {
            throw new IOException(StandardCharsets.US_ASCII.decode(buffer.flip()).toString());
        }
    }

    /// A ClientHello of TLS 1.2 with a server_name (RFC 8446, 4.1.2; RFC 6066, 3) and as much padding (RFC 7685) as a
    /// browser's has.
    private static byte[] hello(String host) {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        int padding = 300;
        int extensions = 4 + 5 + name.length + 4 + padding;
        int body = 2 + 32 + 1 + 2 + 2 + 2 + 2 + extensions;
        ByteBuffer hello = ByteBuffer.allocate(5 + 4 + body);
        hello.put((byte) 22).putShort((short) 0x0301).putShort((short) (4 + body));
        hello.put((byte) 1).put((byte) 0).putShort((short) body);
        hello.putShort((short) 0x0303).put(new byte[32]).put((byte) 0);
        hello.putShort((short) 2).putShort((short) 0xc02b).put((byte) 1).put((byte) 0).putShort((short) extensions);
        hello.putShort((short) 0).putShort((short) (5 + name.length)).putShort((short) (3 + name.length));
        hello.put((byte) 0).putShort((short) name.length).put(name);
        hello.putShort((short) 21).putShort((short) padding).put(new byte[padding]);
        return hello.array();
    }
}
