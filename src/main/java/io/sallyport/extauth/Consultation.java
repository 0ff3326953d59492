package io.sallyport.extauth;

import io.netty.buffer.ByteBuf;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.call.HttpAnswer;
import io.sallyport.call.HttpCall;
import io.sallyport.call.HttpQuestion;
import io.sallyport.call.UnaryCall;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.outcome.ProxyException;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Caller;
import io.sallyport.upstream.UpstreamLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One question to an external authorizer, by its protocol and within its time. Belongs to one event loop.
public final class Consultation implements HttpCall.Callback, UnaryCall.Callback {
    /// Is notified of the answer.
    public interface Listener {
        /// Once, perhaps before the question has been asked; not after [Consultation#cancel].
        void onVerdict(Verdict verdict);
    }

    private final UpstreamLoop loop;
    private final @Nullable Cluster cluster;
    private final Authorizer authorizer;
    private final Listener listener;
    private @Nullable HttpCall httpCall;
    private @Nullable UnaryCall grpcCall;

    /// @param cluster the authorizer's; null where there is none, so that nobody answers
    public Consultation(UpstreamLoop loop, @Nullable Cluster cluster, Authorizer authorizer, Listener listener) {
        this.loop = loop;
        this.cluster = cluster;
        this.authorizer = authorizer;
        this.listener = listener;
    }

    /// Asks about a request.
    ///
    /// @param complete adds the fields of [Authorizer.Http#added()], and what the question is recognized by where
    ///     it comes back
    public void ask(CheckedRequest request, Consumer<Headers> complete) {
        Authorizer.Http http = authorizer.http();
        if (http == null) {
            Headers metadata = new Headers(2);
            complete.accept(metadata);
            call(GrpcCheck.question(request, authorizer.body()), metadata);
            return;
        }
        HttpQuestion question = HttpCheck.question(request, http);
        if (cluster == null) {
            question.body().release();
            listener.onVerdict(Verdict.UNANSWERED);
            return;
        }
        complete.accept(question.headers());
        httpCall = new HttpCall(loop, cluster, question, authorizer.timeout(), HttpCheck.MOST_ANSWER_BYTES, this);
        httpCall.start();
    }

    /// Asks about a connection whose bytes are relayed, which only [Authorizer#judgesBytes] can answer.
    public void ask(Caller caller) {
        call(GrpcCheck.question(caller), new Headers(0));
    }

    private void call(ByteBuf message, Headers metadata) {
        if (cluster == null) {
            message.release();
            listener.onVerdict(Verdict.UNANSWERED);
            return;
        }
        GrpcQuestion question = new GrpcQuestion(authorizer.host(), GrpcCheck.PATH, metadata);
        grpcCall = new UnaryCall(
                loop, cluster, question, message, authorizer.timeout(), HttpCheck.MOST_ANSWER_BYTES, this);
        grpcCall.start();
    }

    /// Takes the question back; does nothing where it is answered.
    public void cancel() {
        if (httpCall != null) {
            httpCall.cancel();
        }
        if (grpcCall != null) {
            grpcCall.cancel();
        }
    }

    @Override
    public void onAnswer(HttpAnswer answer) {
        Authorizer.Http http = authorizer.http();
        listener.onVerdict(http == null ? Verdict.UNANSWERED : HttpCheck.verdict(answer, http));
    }

    @Override
    public void onAnswer(byte[] answer) {
        listener.onVerdict(GrpcCheck.verdict(answer));
    }

    @Override
    public void onFailure(ProxyException failure) {
        listener.onVerdict(Verdict.UNANSWERED);
    }

    @Override
    public void onFailure(GrpcResult failure) {
        listener.onVerdict(Verdict.UNANSWERED);
    }
}
