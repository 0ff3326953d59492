package io.sallyport.outcome;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The trace that a request belongs to, and the attempts at it. There is one only where tracing is configured.
///
/// Like [RequestFacts] it is filled in on one event loop, and read on another thread once the request has ended.
public final class RequestTrace {
    /// How its spans are reported; null where they are not.
    public final @Nullable SpanOptions report;

    /// The two halves of the trace's id, never both 0.
    public long high;

    public long low;
    /// Of the caller's span; 0 where the trace begins here.
    public long parentId;
    /// Of the request's own span. Where none is reported, this is the caller's, if there is one.
    public long spanId;
    public boolean sampled;
    /// B3's debug flag: sampled, and to be kept by whoever comes next.
    public boolean debug;
    /// The `tracestate` that came along.
    public @Nullable CharSequence state;
    /// The `x-client-trace-id` of a trusted peer.
    public @Nullable CharSequence clientTraceId;
    /// Custom tags, by their names, where spans are reported.
    public List<Map.Entry<String, String>> tags = List.of();
    /// The path or the beginning of paths that the route is for; null where it is for any.
    public @Nullable String route;
    /// The endpoints are spoken to by TLS.
    public boolean encrypted;
    /// A copy of a request: its attempt alone is reported, as a child of the request's span.
    public boolean copy;
    /// The last attempt; null where none was made, or nothing is reported.
    public @Nullable Attempt attempt;

    /// @param report null where nothing is reported
    public RequestTrace(@Nullable SpanOptions report) {
        this.report = report;
    }

    /// One attempt at sending the request to an endpoint. The last one ends with the request, and with its outcome.
    public static final class Attempt {
        public final long spanId;
        public final long startNanos;
        public final @Nullable Attempt before;
        /// 0 as long as it is the last.
        public long endNanos;

        public @Nullable String endpoint;
        /// Of a response that was not passed on; 0 for none.
        public int status;

        public @Nullable CharSequence grpcStatus;
        public @Nullable ResponseFlag flag;
        public @Nullable String details;

        Attempt(long spanId, long startNanos, @Nullable Attempt before) {
            this.spanId = spanId;
            this.startNanos = startNanos;
            this.before = before;
        }
    }

    /// Whether its spans go to a collector.
    public boolean isReported() {
        return sampled && report != null;
    }

    /// Whether its spans have tags whose values are known at the end.
    public boolean hasLateTags() {
        SpanOptions options = isReported() ? report : null;
        return options != null && !options.tags().all().isEmpty();
    }

    /// The trace's id, in 32 hexadecimal digits.
    public String idText() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /// The id of the request's own span, in 16 of them; null where it is not reported, and known to nobody.
    public @Nullable String spanIdText() {
        return isReported() ? HexFormat.of().toHexDigits(spanId) : null;
    }

    /// An attempt begins.
    ///
    /// @param id of its span
    /// @param nanos monotonic clock, as [RequestFacts#startNanos]
    public void attempt(long id, long nanos) {
        attempt = new Attempt(id, nanos, attempt);
    }

    /// The attempt has a connection to the endpoint.
    public void attemptConnected(@Nullable String endpoint) {
        if (attempt != null) {
            attempt.endpoint = endpoint;
        }
    }

    /// The attempt has failed without a response.
    ///
    /// @param endpoint that was tried, where it is known
    public void attemptFailed(long nanos, @Nullable String endpoint, ResponseFlag flag, String details) {
        Attempt failed = attempt;
        if (failed != null) {
            failed.endNanos = nanos;
            failed.endpoint = failed.endpoint == null ? endpoint : failed.endpoint;
            failed.flag = flag;
            failed.details = details;
        }
    }

    /// The attempt's response is not passed on: another one follows.
    public void attemptRepeated(long nanos, int status, @Nullable CharSequence grpcStatus) {
        if (attempt != null) {
            attempt.endNanos = nanos;
            attempt.status = status;
            attempt.grpcStatus = grpcStatus;
        }
    }

    /// Of the texts that the client has sent, characters.
    public int weight() {
        int weight = state == null ? 0 : state.length();
        for (Map.Entry<String, String> tag : tags) {
            weight += tag.getValue().length();
        }
        return weight;
    }

    /// That of a copy of the request.
    public RequestTrace copy() {
        RequestTrace copied = new RequestTrace(report);
        copied.high = high;
        copied.low = low;
        copied.parentId = parentId;
        copied.spanId = spanId;
        copied.sampled = sampled;
        copied.debug = debug;
        copied.state = state;
        copied.tags = tags;
        copied.copy = true;
        return copied;
    }
}
