package io.sallyport.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.ProtoWriter;
import org.jspecify.annotations.Nullable;

/// The two messages of `grpc.health.v1.Health/Check`: each has one field.
final class GrpcHealth {
    static final String PATH = "/grpc.health.v1.Health/Check";
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    /// Not compressed, two bytes long: field 1, a number, which is 1 (SERVING).
    private static final byte[] SERVING = {0, 0, 0, 0, 2, 8, 1};

    /// `string service = 1`.
    private static final int SERVICE = 1;

    private static final int PREFIX = 5;

    private final ByteBuf answer = Unpooled.buffer(SERVING.length, SERVING.length + 1);
    private @Nullable CharSequence status;

    static void addTo(Headers headers) {
        headers.add(HeaderNames.CONTENT_TYPE, GRPC);
        headers.add(HeaderNames.TE, TRAILERS);
    }

    /// @param service `""` for the endpoint as a whole
    static ByteBuf question(String service) {
        byte[] message = new ProtoWriter().text(SERVICE, service).toBytes();
        return Unpooled.buffer(PREFIX + message.length)
                .writeByte(0)
                .writeInt(message.length)
                .writeBytes(message);
    }

    void onData(ByteBuf data) {
        // One byte more than there can be shows that it is another answer.
        answer.writeBytes(data, data.readerIndex(), Math.min(data.readableBytes(), answer.maxWritableBytes()));
    }

    void onFields(Headers fields) {
        CharSequence given = fields.get(HeaderNames.GRPC_STATUS);
        status = given == null ? status : given;
    }

    boolean isServing() {
        boolean ok = status != null && AsciiString.contentEquals("0", status);
        return ok && ByteBufUtil.equals(answer, Unpooled.wrappedBuffer(SERVING));
    }
}
