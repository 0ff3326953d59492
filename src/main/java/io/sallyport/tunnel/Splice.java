package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.http.SocketReads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Moves bytes from one socket to another within the kernel, by splice(2) through a pipe, for half of what it costs to
/// copy them out and in again.
///
/// The pipe is empty before and after each call, so that an event loop needs only one: what the receiving socket does
/// not take is read out of it, and waits in the channel as anything else that was written.
final class Splice {
    /// Bytes. A read that brings as much says that more is waiting; smaller messages cost less by a copy.
    static final int WORTHWHILE = 16 * 1024;

    /// What a pipe holds by default.
    private static final int PIPE_BYTES = 64 * 1024;
    /// Pipes full of one socket before others have their turn.
    private static final int TURNS = 4;

    /// What is read, and copied, of a socket before the rest is moved.
    private static final RecvByteBufAllocator FIRST_READS = new SocketReads(WORTHWHILE, TURNS);

    private static final FastThreadLocal<Splice> CURRENT = new FastThreadLocal<>() {
        @Override
        protected Splice initialValue() {
            return new Splice();
        }

        @Override
        protected void onRemoval(Splice splice) {
            splice.closePipe();
        }
    };

    /// Errors of Linux that say that splice(2) is forbidden here, unknown, or not for such sockets.
    private static final Set<Integer> UNSUPPORTED = Set.of(1, 22, 38); // EPERM, EINVAL, ENOSYS

    private FileDescriptor @Nullable [] pipe;
    private boolean supported = true;

    private Splice() {}

    /// The calling event loop's.
    static Splice current() {
        return CURRENT.get();
    }

    /// Moves what has arrived, up to a limit, if nothing else waits to be sent and the kernel can. A socket that fails
    /// is reported to its pipeline and closed, as if it had been read or written by the channel itself.
    ///
    /// @param taken gets the number of bytes, before any failure is reported
    void move(EpollSocketChannel from, EpollSocketChannel to, IntConsumer taken) {
        ChannelOutboundBuffer waiting = to.unsafe().outboundBuffer();
        if (!supported || waiting == null || !waiting.isEmpty() || !from.isActive() || from.isInputShutdown()) {
            return;
        }
        FileDescriptor[] through = openPipe();
        if (through == null) {
            return;
        }
        if (from.config().getRecvByteBufAllocator() != FIRST_READS) {
            from.config().setRecvByteBufAllocator(FIRST_READS);
        }
        boolean more = true;
        for (int turn = 0; more && turn < TURNS; turn++) {
            more = moveOnce(from, to, through, taken);
        }
    }

    /// @return whether there may be more to move
    private boolean moveOnce(
            EpollSocketChannel from, EpollSocketChannel to, FileDescriptor[] through, IntConsumer taken) {
        int bytes;
        try {
            // 0 at the end of input too: the channel's own next read finds it.
            bytes = Native.splice(from.fd().intValue(), -1, through[1].intValue(), -1, PIPE_BYTES);
        } catch (IOException failure) {
            if (!isUnsupported(failure)) {
                fail(from, failure);
            }
            return false;
        }
        if (bytes == 0) {
            return false;
        }
        taken.accept(bytes);
        ByteBuf rest;
        try {
            rest = empty(through[0], bytes, to);
        } catch (IOException failure) {
            closePipe();
            fail(to, failure);
            return false;
        } catch (Throwable failure) {
            // What the pipe still holds is this tunnel's, and must not reach another.
            closePipe();
            throw failure;
        }
        if (rest != null) {
            to.writeAndFlush(rest, to.voidPromise());
        }
        return rest == null;
    }

    /// @return what the socket has not taken, or null
    private @Nullable ByteBuf empty(FileDescriptor from, int bytes, EpollSocketChannel to) throws IOException {
        int left = bytes;
        try {
            int sent = bytes;
            while (left > 0 && sent > 0) {
                sent = Native.splice(from.intValue(), -1, to.fd().intValue(), -1, left);
                left -= sent;
            }
        } catch (IOException failure) {
            if (!isUnsupported(failure)) {
                throw failure;
            }
        }
        return left == 0 ? null : readBack(from, left, to);
    }

    /// Then bytes are copied, from now on.
    private boolean isUnsupported(IOException failure) {
        if (failure instanceof NativeIoException error && UNSUPPORTED.contains(Math.abs(error.expectedErr()))) {
            supported = false;
            return true;
        }
        return false;
    }

    private static ByteBuf readBack(FileDescriptor from, int bytes, Channel to) throws IOException {
        ByteBuf rest = to.alloc().directBuffer(bytes);
        try {
            ByteBuffer into = rest.internalNioBuffer(0, bytes);
            int at = into.position();
            int end = at + bytes;
            while (at < end) {
                int read = from.read(into, at, end);
                if (read <= 0) {
                    throw new IOException("a pipe has lost bytes");
                }
                at += read;
            }
            return rest.writerIndex(bytes);
        } catch (Throwable failure) {
            rest.release();
            throw failure;
        }
    }

    private static void fail(Channel channel, IOException failure) {
        channel.pipeline().fireExceptionCaught(failure);
        channel.close();
    }

    /// @return null where the process has no descriptors left: bytes are copied then
    private FileDescriptor @Nullable [] openPipe() {
        if (pipe == null) {
            try {
                pipe = FileDescriptor.pipe();
            } catch (IOException _) {
                return null;
            }
        }
        return pipe;
    }

    private void closePipe() {
        FileDescriptor[] old = pipe;
        pipe = null;
        if (old != null) {
            for (FileDescriptor end : old) {
                try {
                    end.close();
                } catch (IOException _) {
                    // Nothing is left to be done about it.
                }
            }
        }
    }
}
