package io.sallyport.call;

import io.netty.buffer.ByteBuf;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.UpstreamLoop;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One HTTP request and its whole answer, in memory. Redirects are answers like others. Belongs to one event loop.
public final class HttpCall {
    /// The response code details of an answer that is over its bound.
    public static final String TOO_LARGE = "call_answer_too_large";

    /// Exactly one method is called, once, perhaps before [#start] returns; none after [#cancel].
    public interface Callback {
        void onAnswer(HttpAnswer answer);

        /// @param failure UT with `call_timeout`, UPE with [#TOO_LARGE], or what requests to the cluster would meet
        void onFailure(ProxyException failure);
    }

    private final HttpQuestion question;
    private final int mostBytes;
    private final Callback callback;
    private final OwnRequest request;

    /// @param timeout for all of it, above zero
    /// @param mostBytes of the answer's body
    public HttpCall(
            UpstreamLoop loop,
            Cluster cluster,
            HttpQuestion question,
            Duration timeout,
            int mostBytes,
            Callback callback) {
        this.question = question;
        this.mostBytes = mostBytes;
        this.callback = callback;
        request = new OwnRequest(loop, cluster, question, false, timeout, new Answer());
    }

    public void start() {
        request.write(question.body(), true);
        request.start();
    }

    /// Does nothing where it is over.
    public void cancel() {
        request.abort();
    }

    private final class Answer implements OwnRequest.Listener {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private @Nullable ResponseHead head;

        @Override
        public void onHead(ResponseHead received) {
            head = received;
        }

        @Override
        public void onData(ByteBuf data) {
            try {
                if (data.readableBytes() <= mostBytes - body.size()) {
                    byte[] part = new byte[data.readableBytes()];
                    data.readBytes(part);
                    body.writeBytes(part);
                    return;
                }
            } finally {
                data.release();
            }
            request.abort();
            callback.onFailure(ProxyException.upstream(ResponseFlag.UPE, TOO_LARGE, false));
        }

        @Override
        public void onEnd(@Nullable Headers trailers) {
            ResponseHead received = Objects.requireNonNull(head, "an answer begins with its head");
            callback.onAnswer(new HttpAnswer(received.status, received.headers, body.toByteArray()));
        }

        @Override
        public void onFailed(ProxyException failure, @Nullable StreamError error) {
            callback.onFailure(failure);
        }

        @Override
        public void onWritable() {}
    }
}
