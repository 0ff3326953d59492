package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// Reads the heads of a connection's requests, in however many pieces they arrive. Reused from one to the next.
final class Http1RequestParser {
    private final HeadBlock block = new HeadBlock();
    private final RequestLineParser line;
    private final FieldParser fields;
    private final MessageFields messageFields = new MessageFields();
    private final String scheme;
    private final boolean forwardProxy;

    private boolean started;
    private @Nullable Headers headers;
    private @Nullable RequestHead head;
    private boolean persistent;

    /// @param scheme `http` or `https`, as the connection says it
    Http1RequestParser(HttpLimits limits, Http1Options options, String scheme) {
        this.line = new RequestLineParser(limits.targetBytes());
        this.fields = FieldParser.ofRequests(limits, options.underscores());
        this.scheme = scheme;
        this.forwardProxy = options.forwardProxy();
    }

    /// Takes what it needs of the buffer. The head's strings are copies: the buffer may go.
    ///
    /// @return the head once it is complete, else null
    /// @throws MalformedMessage if the bytes so far cannot become a request to forward; the parser is of no use
    ///     then
    @Nullable
    RequestHead read(ByteBuf in) {
        if (!started) {
            started = true;
            head = null;
            line.begin();
        }
        Headers into = headers;
        if (into == null) {
            if (!line.parse(block, in)) {
                return null;
            }
            into = new Headers();
            headers = into;
            fields.begin(into);
        }
        if (!fields.parse(block, in)) {
            return null;
        }
        block.finish(in);
        started = false;
        headers = null;
        RequestHead complete = new RequestHead(line.version, line.method, scheme, "", line.target, into);
        head = complete;
        messageFields.take(into);
        RequestTarget.resolve(complete, line.target, messageFields.host, forwardProxy);
        RequestFraming.apply(complete, messageFields);
        persistent = RequestFraming.isPersistent(complete, messageFields);
        return complete;
    }

    /// True between the first byte of a head and its last.
    boolean isStarted() {
        return started;
    }

    /// Whether the request read last lets another one follow.
    boolean isPersistent() {
        return persistent;
    }

    /// What could be read of a head that was refused, or null if not even its first line.
    @Nullable
    RequestHead partial() {
        if (head != null || line.method.isEmpty()) {
            return head;
        }
        return new RequestHead(
                line.version, line.method, scheme, "", line.target, headers == null ? new Headers(0) : headers);
    }
}
