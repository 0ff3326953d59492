import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// Two endpoints for the tunnels of [TunnelLoad], on one thread: one answers what it reads with [#REPLY] bytes, the
/// other with bytes without end. Says its two ports first and serves until its input ends.
public final class TunnelUpstream {
    /// About as much as a TLS server's first answer.
    static final int REPLY = 1000;

    private static final ByteBuffer BYTES = ByteBuffer.allocateDirect(256 * 1024);

    private final Selector selector = Selector.open();
    private final ByteBuffer sink = ByteBuffer.allocateDirect(64 * 1024);

    private TunnelUpstream() throws IOException {}

    public static void main(String[] args) throws IOException {
        TunnelUpstream upstream = new TunnelUpstream();
        System.out.println(upstream.open(false) + " " + upstream.open(true));
        Thread.ofPlatform().daemon().start(upstream::serve);
        System.in.transferTo(OutputStream.nullOutputStream());
    }

    /// @return its port
    private int open(boolean endless) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT, endless);
        return server.socket().getLocalPort();
    }

    private void serve() {
        while (true) {
            try {
                selector.select(this::act);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void act(SelectionKey key) {
        try {
            if (key.channel() instanceof ServerSocketChannel server) {
                SocketChannel accepted = server.accept();
                accepted.configureBlocking(false);
                accepted.register(selector, SelectionKey.OP_READ, key.attachment());
                return;
            }
            SocketChannel channel = (SocketChannel) key.channel();
            if (key.isReadable()) {
                int read = channel.read(sink.clear());
                if (read < 0) {
                    channel.close();
                    return;
                }
                if (key.attachment().equals(true)) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                } else {
                    channel.write(BYTES.duplicate().limit(REPLY));
                }
            }
            if (key.isWritable()) {
                channel.write(BYTES.duplicate());
            }
        } catch (IOException gone) {
            try {
                key.channel().close();
            } catch (IOException alreadyClosed) {
                key.cancel();
            }
        }
    }
}
