package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sockets of one event loop, which share its pipe.
@Timeout(30)
class SpliceTest {
    private final Loopback loopback = new Loopback(true);
    private final BlockingQueue<EpollSocketChannel> accepted = new LinkedBlockingQueue<>();
    private final InetSocketAddress address = loopback.listen(channel -> {
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter());
        accepted.add((EpollSocketChannel) channel);
    });

    /// A connection: what a peer has of it, and what the loop has.
    private record Pair(Socket peer, EpollSocketChannel channel) {
        void send(byte[] bytes) throws IOException {
            peer.getOutputStream().write(bytes);
        }
    }

    private static final class NoMemory extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("on purpose");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("on purpose");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    private Pair connect() throws Exception {
        Socket peer = new Socket();
        peer.setReceiveBufferSize(4096);
        peer.setSoTimeout(10_000);
        peer.connect(address);
        return new Pair(peer, accepted.take());
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loopback.loop().submit(task).get();
    }

    private int move(Pair from, Pair to) throws Exception {
        return onLoop(() -> {
            AtomicInteger taken = new AtomicInteger();
            Splice.current().move(from.channel, to.channel, taken::addAndGet);
            return taken.get();
        });
    }

    private static byte[] bytes(int length, char of) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) of);
        return bytes;
    }

    private static void flood(Pair from) {
        Thread.startVirtualThread(() -> {
            try {
                from.send(bytes(8 << 20, 'a'));
            } catch (IOException _) {
                // The test is over.
            }
        });
    }

    /// Moves until the receiver takes no more.
    private void fill(Pair from, Pair to) throws Exception {
        flood(from);
        await().until(() -> {
            move(from, to);
            return !onLoop(() -> to.channel.unsafe().outboundBuffer().isEmpty());
        });
    }

    @Test
    void whatTheReceiverDoesNotTakeWaitsInItsChannel() throws Exception {
        Pair from = connect();
        Pair to = connect();
        fill(from, to);

        assertThat(move(from, to)).as("nothing passes what waits").isZero();
        assertThat(to.peer.getInputStream().readNBytes(100_000)).containsOnly('a');
    }

    /// What is left in the pipe when memory is short is one tunnel's, and must not reach another.
    @Test
    void aTunnelThatFailsLeavesNothingBehind() throws Exception {
        Pair from = connect();
        Pair to = connect();
        to.channel.config().setOption(ChannelOption.ALLOCATOR, new NoMemory());
        flood(from);
        await().until(() -> {
            try {
                move(from, to);
                return false;
            } catch (ExecutionException full) {
                return full.getCause() instanceof OutOfMemoryError;
            }
        });

        assertNextIsWhole();
    }

    @Test
    void aReceiverThatIsGoneIsClosedAndLeavesNothingBehind() throws Exception {
        Pair from = connect();
        Pair to = connect();
        from.send(bytes(1_000, 'a'));
        to.peer.setSoLinger(true, 0);
        to.peer.close();
        await().until(() -> {
            move(from, to);
            return !to.channel.isOpen();
        });

        assertNextIsWhole();
    }

    private void assertNextIsWhole() throws Exception {
        Pair next = connect();
        Pair receiver = connect();
        next.send(bytes(1_000, 'b'));
        await().until(() -> move(next, receiver) > 0);
        assertThat(receiver.peer.getInputStream().readNBytes(1_000)).containsOnly('b');
    }
}
