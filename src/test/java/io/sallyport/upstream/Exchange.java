package io.sallyport.upstream;

import io.netty.buffer.ByteBuf;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/// A GET over whatever connection the pool gives.
final class Exchange extends Acquisition implements ResponseListener {
    /// `200 body`, or what went wrong.
    final CompletableFuture<String> result = new CompletableFuture<>();
    private final StringBuilder body = new StringBuilder();
    private final String path;
    ClientConnection connection;
    ClientStream stream;
    Endpoint endpoint;
    boolean reused;
    private int status;

    Exchange(String path) {
        this.path = path;
    }

    @Override
    protected void onReady(ClientConnection ready, Endpoint of, EndpointFacts facts, boolean isReused) {
        connection = ready;
        endpoint = of;
        reused = isReused;
        stream = ready.open(
                new RequestHead(HttpVersion.HTTP_1_1, "GET", "http", "service.example", path, new Headers()),
                true,
                this);
        stream.flush();
    }

    @Override
    protected void onFailure(ProxyException failure, Endpoint of) {
        result.complete(failure.details());
    }

    /// The client goes away.
    public void abort() {
        cancel();
        if (stream != null && !result.isDone()) {
            stream.reset(StreamError.CANCEL);
            endpoint.released();
            result.complete("aborted");
        }
    }

    private void complete() {
        endpoint.finished(status);
        result.complete(status + " " + body);
    }

    @Override
    public void onInformational(int code, Headers headers) {}

    @Override
    public void onHead(ResponseHead head, boolean end) {
        status = head.status;
        if (end) {
            complete();
        }
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        body.append(data.toString(StandardCharsets.UTF_8));
        data.release();
        if (end) {
            complete();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        complete();
    }

    @Override
    public void onReset(StreamError error, String details) {
        endpoint.failed(ResponseFlag.UR);
        result.complete(error.toString());
    }

    @Override
    public void onWritable() {}

    @Override
    public void onReadComplete() {}
}
