package io.sallyport.http.grpc;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts the messages out of a gRPC body, in whatever pieces it comes (gRPC over HTTP/2, Length-Prefixed-Message).
/// No more is kept than has arrived: a length that a peer claims does not make the gateway hold as much.
public final class MessageDecoder {
    /// A compressed-flag and a length.
    static final int PREFIX = 5;

    private static final int FIRST_ROOM = 4 * 1024;

    private final int most;
    private final byte[] prefix = new byte[PREFIX];
    private int prefixLength;
    private byte @Nullable [] message;
    private int length;
    private int received;
    private @Nullable GrpcResult violation;

    /// @param most bytes of one message
    public MessageDecoder(int most) {
        this.most = most;
    }

    /// The next whole message; null where more has to arrive, or after a violation. The buffer stays the caller's.
    public byte @Nullable [] next(ByteBuf data) {
        while (violation == null && data.isReadable()) {
            if (message == null) {
                readPrefix(data);
            } else {
                readMessage(data);
            }
            if (message != null && received == length) {
                byte[] whole = message.length == length ? message : Arrays.copyOf(message, length);
                message = null;
                prefixLength = 0;
                return whole;
            }
        }
        return null;
    }

    private void readPrefix(ByteBuf data) {
        int part = Math.min(PREFIX - prefixLength, data.readableBytes());
        data.readBytes(prefix, prefixLength, part);
        prefixLength += part;
        if (prefixLength < PREFIX) {
            return;
        }
        long claimed =
                (prefix[1] & 0xffL) << 24 | (prefix[2] & 0xff) << 16 | (prefix[3] & 0xff) << 8 | prefix[4] & 0xff;
        if (prefix[0] != 0) {
            violation = new GrpcResult(GrpcResult.INTERNAL, "a message is compressed, which was not offered");
        } else if (claimed > most) {
            violation = new GrpcResult(
                    GrpcResult.RESOURCE_EXHAUSTED, "a message has " + claimed + " bytes, more than " + most);
        } else {
            length = (int) claimed;
            received = 0;
            message = new byte[Math.min(length, FIRST_ROOM)];
        }
    }

    private void readMessage(ByteBuf data) {
        byte[] into = message;
        if (into == null) {
            return;
        }
        int part = Math.min(length - received, data.readableBytes());
        if (received + part > into.length) {
            into = Arrays.copyOf(into, Math.min(length, Math.max(received + part, 2 * into.length)));
            message = into;
        }
        data.readBytes(into, received, part);
        received += part;
    }

    /// Why no message comes any more; null while all is well.
    public @Nullable GrpcResult violation() {
        return violation;
    }

    /// Whether the body may end here.
    public boolean isBetweenMessages() {
        return prefixLength == 0;
    }
}
