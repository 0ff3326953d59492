package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Acquisition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The endpoints' side: gives requests connections, or refuses them, and keeps what is sent.
final class FakeEndpoint implements ClientConnection {
    /// What becomes of a wait for a connection.
    enum Connecting {
        SUCCEEDS,
        IS_REFUSED,
        TAKES_FOREVER
    }

    private final Channel channel;
    final List<Sent> sent = new ArrayList<>();
    /// Names of the endpoints that were chosen, in order.
    final List<String> chosen = new ArrayList<>();

    Connecting connecting = Connecting.SUCCEEDS;
    boolean reused;
    HttpVersion version = HttpVersion.HTTP_1_1;

    FakeEndpoint(Channel channel) {
        this.channel = channel;
    }

    void acquire(Cluster cluster, RequestContext request, Acquisition acquisition) {
        Endpoint endpoint = cluster.pick(request);
        if (endpoint == null) {
            failed(acquisition, cluster.noEndpoint(request), null);
            return;
        }
        chosen.add(endpoint.name());
        endpoint.requestStarted();
        switch (connecting) {
            case SUCCEEDS -> {
                endpoint.requestSent();
                ready(acquisition, endpoint);
            }
            case IS_REFUSED -> {
                endpoint.connectFailed(ResponseFlag.UF);
                failed(acquisition, ProxyException.upstream(ResponseFlag.UF, "connection_refused", true), endpoint);
            }
            case TAKES_FOREVER -> {}
        }
    }

    private void ready(Acquisition acquisition, Endpoint endpoint) {
        switch (acquisition) {
            case UpstreamAttempt attempt -> attempt.onReady(this, endpoint, endpoint.facts(channel()), reused);
            case MirroredRequest copy -> copy.onReady(this, endpoint, endpoint.facts(channel()), reused);
            default -> throw new IllegalArgumentException(acquisition.toString());
        }
    }

    private static void failed(Acquisition acquisition, ProxyException failure, Endpoint endpoint) {
        switch (acquisition) {
            case UpstreamAttempt attempt -> attempt.onFailure(failure, endpoint);
            case MirroredRequest copy -> copy.onFailure(failure, endpoint);
            default -> throw new IllegalArgumentException(acquisition.toString());
        }
    }

    @Override
    public ClientStream open(RequestHead head, boolean end, ResponseListener listener) {
        Sent opened = new Sent(head, end, listener);
        sent.add(opened);
        return opened;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public HttpVersion version() {
        return version;
    }

    @Override
    public int availableStreams() {
        return 1;
    }

    @Override
    public int activeStreams() {
        return 0;
    }

    @Override
    public void drain() {}

    @Override
    public void close() {}

    /// One request as an endpoint got it.
    final class Sent implements ClientStream {
        private final ResponseListener listener;
        private final StringBuilder body = new StringBuilder();
        final String path;
        final String authority;
        final Headers headers;
        Headers trailers;
        /// Parts of the body.
        int writes;

        boolean ended;
        StreamError reset;
        boolean reading = true;
        boolean writable = true;

        private Sent(RequestHead head, boolean end, ResponseListener listener) {
            this.listener = listener;
            path = head.path;
            authority = head.authority;
            headers = head.headers.copy();
            ended = end;
        }

        String header(String name) {
            return String.valueOf(headers.joined(ProxyFixture.ascii(name)));
        }

        String trailer(String name) {
            return String.valueOf(trailers.joined(ProxyFixture.ascii(name)));
        }

        String body() {
            return body.toString();
        }

        // What the endpoint does.

        /// @param fields names and values in turn
        void head(int status, String... fields) {
            listener.onHead(new ResponseHead(status, ProxyFixture.headers(fields)), false);
        }

        void answer(int status, String... fields) {
            listener.onHead(new ResponseHead(status, ProxyFixture.headers(fields)), true);
            listener.onReadComplete();
        }

        void data(String text, boolean end) {
            listener.onData(ProxyFixture.bytes(text), end);
            listener.onReadComplete();
        }

        void trailers(String... fields) {
            listener.onTrailers(ProxyFixture.headers(fields));
        }

        void cut(StreamError error, String details) {
            listener.onReset(error, details);
        }

        void catchesUp() {
            writable = true;
            listener.onWritable();
        }

        @Override
        public ClientConnection connection() {
            return FakeEndpoint.this;
        }

        @Override
        public EventLoop eventLoop() {
            return channel.eventLoop();
        }

        @Override
        public void writeData(ByteBuf data, boolean end) {
            body.append(data.toString(StandardCharsets.UTF_8));
            data.release();
            writes++;
            ended |= end;
        }

        @Override
        public void writeTrailers(Headers fields) {
            trailers = fields;
            ended = true;
        }

        @Override
        public void flush() {}

        @Override
        public void reset(StreamError error) {
            reset = error;
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void pauseReading() {
            reading = false;
        }

        @Override
        public void resumeReading() {
            reading = true;
        }
    }
}
