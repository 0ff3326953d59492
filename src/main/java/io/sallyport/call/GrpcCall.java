package io.sallyport.call;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.grpc.MessageDecoder;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A gRPC call with any number of messages either way, over HTTP/2 whatever protocol the cluster has (gRPC over HTTP2).
/// Messages that are sent are compressed already where the metadata name a `grpc-encoding`; none that come are. Belongs
/// to one event loop.
public final class GrpcCall {
    public interface Listener {
        /// @param message the listener's from now on
        void onMessage(byte[] message);

        /// Once, at the end; not after [#cancel]. Perhaps before [#start] returns.
        void onEnd(GrpcResult result);

        /// [#isWritable] may have become true.
        default void onWritable() {}
    }

    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final int PREFIX = 5;

    private static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");

    private final Listener listener;
    private final OwnRequest request;
    private final byte compressed;

    /// @param timeout after which the call ends with DEADLINE_EXCEEDED, sent to the peer as `grpc-timeout`; zero for
    /// none
    /// @param mostBytes of one message that the peer sends
    public GrpcCall(
            UpstreamLoop loop,
            Cluster cluster,
            GrpcQuestion question,
            Duration timeout,
            int mostBytes,
            Listener listener) {
        this.listener = listener;
        compressed = (byte) (question.metadata().contains(ENCODING) ? 1 : 0);
        request = new OwnRequest(
                loop, cluster, question.toHttp(timeout), true, timeout, new Answer(new MessageDecoder(mostBytes)));
    }

    /// Before this or after it messages may be sent. Those of a call that is finished before are sent once more where a
    /// kept connection turns out to be closed, or the peer refuses the call unread.
    public void start() {
        request.start();
    }

    public void send(byte[] message) {
        send(Unpooled.wrappedBuffer(message));
    }

    /// Takes over the message.
    public void send(ByteBuf message) {
        ByteBuf prefix = Unpooled.buffer(PREFIX).writeByte(compressed).writeInt(message.readableBytes());
        request.write(Unpooled.wrappedBuffer(prefix, message), false);
    }

    /// Nothing more is sent.
    public void finish() {
        request.write(Unpooled.EMPTY_BUFFER, true);
    }

    /// False while the peer does not keep up, or there is no connection yet: what is sent then is kept in memory.
    public boolean isWritable() {
        return request.isWritable();
    }

    /// Does nothing where it is over.
    public void cancel() {
        request.abort();
    }

    private final class Answer implements OwnRequest.Listener {
        private final MessageDecoder messages;
        private @Nullable ResponseHead head;

        Answer(MessageDecoder messages) {
            this.messages = messages;
        }

        @Override
        public void onHead(ResponseHead received) {
            head = received;
        }

        @Override
        public void onData(ByteBuf data) {
            try {
                if (isGrpc()) {
                    read(data);
                }
            } finally {
                data.release();
            }
            GrpcResult violation = messages.violation();
            if (violation != null && !request.hasEnded()) {
                request.abort();
                listener.onEnd(violation);
            }
        }

        private void read(ByteBuf data) {
            byte[] message = messages.next(data);
            while (message != null && !request.hasEnded()) {
                listener.onMessage(message);
                message = messages.next(data);
            }
        }

        /// What else a proxy or a web server answers is not read as messages.
        private boolean isGrpc() {
            if (head == null || head.status != 200) {
                return false;
            }
            AsciiString type = head.headers.get(HeaderNames.CONTENT_TYPE);
            return type != null && type.startsWith(GRPC);
        }

        @Override
        public void onEnd(@Nullable Headers trailers) {
            listener.onEnd(result(trailers));
        }

        private GrpcResult result(@Nullable Headers trailers) {
            if (head == null || !isGrpc()) {
                // The status of a response that is not gRPC's counts, but one in the head alone may have been put there
                // by a proxy that speaks gRPC.
                GrpcResult said = head == null ? null : GrpcResult.of(head.headers);
                return said == null || said.isOk()
                        ? GrpcResult.ofHttp(head == null ? 0 : head.status)
                        : new GrpcResult(said.code(), said.message());
            }
            GrpcResult said = GrpcResult.of(trailers == null ? head.headers : trailers);
            if (said == null) {
                return GrpcResult.ofHttp(head.status);
            }
            return said.isOk() && !messages.isBetweenMessages()
                    ? new GrpcResult(GrpcResult.INTERNAL, "the response ends within a message")
                    : said;
        }

        @Override
        public void onFailed(ProxyException failure, @Nullable StreamError error) {
            listener.onEnd(new GrpcResult(code(failure, error), failure.details(), false, failure));
        }

        private static int code(ProxyException failure, @Nullable StreamError error) {
            if (error == null) {
                return failure.flag() == ResponseFlag.UT ? GrpcResult.DEADLINE_EXCEEDED : GrpcResult.UNAVAILABLE;
            }
            return switch (error) {
                case CONNECTION_CLOSED, REFUSED, TIMEOUT -> GrpcResult.UNAVAILABLE;
                case CANCEL -> GrpcResult.CANCELLED;
                case HEAD_TOO_LARGE, HEAD_REFUSED, BODY_TOO_LARGE -> GrpcResult.RESOURCE_EXHAUSTED;
                case PROTOCOL_ERROR, UNSUPPORTED, INTERNAL_ERROR -> GrpcResult.INTERNAL;
            };
        }

        @Override
        public void onWritable() {
            listener.onWritable();
        }
    }
}
