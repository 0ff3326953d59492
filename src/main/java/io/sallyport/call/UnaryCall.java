package io.sallyport.call;

import io.netty.buffer.ByteBuf;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A gRPC call with one message either way. Belongs to one event loop.
public final class UnaryCall {
    /// Exactly one method is called, once, perhaps before [#start] returns; none after [#cancel].
    public interface Callback {
        void onAnswer(byte[] message);

        /// @param result other than OK
        void onFailure(GrpcResult result);
    }

    private final ByteBuf message;
    private final Callback callback;
    private final GrpcCall call;

    /// @param message the call takes it over
    /// @param timeout zero for none
    /// @param mostBytes of the answer
    public UnaryCall(
            UpstreamLoop loop,
            Cluster cluster,
            GrpcQuestion question,
            ByteBuf message,
            Duration timeout,
            int mostBytes,
            Callback callback) {
        this.message = message;
        this.callback = callback;
        call = new GrpcCall(loop, cluster, question, timeout, mostBytes, new Answer());
    }

    public void start() {
        call.send(message);
        call.finish();
        call.start();
    }

    /// Does nothing where it is over.
    public void cancel() {
        call.cancel();
    }

    private final class Answer implements GrpcCall.Listener {
        private byte @Nullable [] received;

        @Override
        public void onMessage(byte[] one) {
            if (received != null) {
                call.cancel();
                callback.onFailure(new GrpcResult(GrpcResult.INTERNAL, "more than one message"));
                return;
            }
            received = one;
        }

        @Override
        public void onEnd(GrpcResult result) {
            if (!result.isOk()) {
                callback.onFailure(result);
            } else if (received == null) {
                callback.onFailure(new GrpcResult(GrpcResult.INTERNAL, "no message"));
            } else {
                callback.onAnswer(received);
            }
        }
    }
}
