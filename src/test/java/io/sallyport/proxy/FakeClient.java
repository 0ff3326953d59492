package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The client's side of one request: keeps what is written to it.
final class FakeClient implements ServerStream {
    private final EventLoop eventLoop;
    private final ConnectionInfo connection;
    private final StringBuilder body = new StringBuilder();
    final List<Integer> informational = new ArrayList<>();
    ResponseHead response;
    Headers trailers;
    boolean ended;
    StreamError reset;
    boolean reading = true;
    boolean writable = true;

    FakeClient(EventLoop eventLoop, ConnectionInfo connection) {
        this.eventLoop = eventLoop;
        this.connection = connection;
    }

    /// Of the response; 0 while there is none.
    int status() {
        return response == null ? 0 : response.status;
    }

    String header(String name) {
        return String.valueOf(response.headers.joined(ProxyFixture.ascii(name)));
    }

    String trailer(String name) {
        return String.valueOf(trailers.joined(ProxyFixture.ascii(name)));
    }

    String body() {
        return body.toString();
    }

    @Override
    public EventLoop eventLoop() {
        return eventLoop;
    }

    @Override
    public ConnectionInfo connection() {
        return connection;
    }

    @Override
    public void writeInformational(int status, Headers headers) {
        informational.add(status);
    }

    @Override
    public void writeHead(ResponseHead head, boolean end) {
        if (response != null) {
            throw new IllegalStateException("a second head: " + head);
        }
        response = new ResponseHead(head.status, head.headers.copy());
        ended = end;
    }

    @Override
    public void writeData(ByteBuf data, boolean end) {
        body.append(data.toString(StandardCharsets.UTF_8));
        data.release();
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

    @Override
    public void closeAfterResponse() {}
}
