package io.sallyport.trace;

import io.netty.util.AsciiString;
import io.sallyport.format.SpanTags;
import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// How the requests of an instance, or of one Gateway, are traced.
///
/// @param propagates whether those that requests are forwarded to learn of the trace
/// @param report how spans are reported; null where they are not
public record Tracing(
        Propagation propagation,
        Sampler sampler,
        boolean propagates,
        List<CustomTag> tags,
        @Nullable SpanOptions report) {
    /// Nothing is traced.
    public static final Tracing OFF =
            new Tracing(new Propagation(List.of()), new Sampler(0, true), true, List.of(), null);

    private static final AsciiString FORCE = AsciiString.cached("x-envoy-force-trace");
    private static final AsciiString CLIENT_TRACE_ID = AsciiString.cached("x-client-trace-id");

    public Tracing {
        tags = List.copyOf(tags);
    }

    /// @param longestPath of the paths that spans name, characters; 0 for the usual length
    public static SpanOptions report(String collector, boolean istioTags, int longestPath, SpanTags tags) {
        return new SpanOptions(collector, istioTags, longestPath == 0 ? SpanOptions.LONGEST_PATH : longestPath, tags);
    }

    /// Begins a request's part of its trace. The headers stay as they came until [#inject].
    ///
    /// @param trusted whether the peer may have requests sampled by headers that say nothing of a trace (Envoy's
    ///     `x-envoy-force-trace` and `x-client-trace-id`)
    public RequestTrace begin(Headers headers, boolean trusted, SplittableRandom random) {
        RequestTrace trace = new RequestTrace(report);
        Found found = propagation.read(headers, trace);
        if (!found.hasIds()) {
            beginTrace(trace, random);
        }
        if (!found.isDecided() || !sampler.asksCaller()) {
            trace.sampled = sampler.samples(trace.low);
        }
        if (trusted) {
            force(headers, trace);
        }
        if (trace.isReported()) {
            trace.spanId = id(random);
            trace.tags = tags(headers);
        } else {
            trace.spanId = trace.parentId == 0 ? id(random) : trace.parentId;
        }
        return trace;
    }

    /// Begins the trace of a connection, which cannot say of which one it is. Its span has the configuration's tags but
    /// for those that a request's fields say.
    public RequestTrace begin(SplittableRandom random) {
        RequestTrace trace = new RequestTrace(report);
        beginTrace(trace, random);
        trace.sampled = sampler.samples(trace.low);
        trace.spanId = id(random);
        if (trace.isReported()) {
            trace.tags = tags(null);
        }
        return trace;
    }

    private static void beginTrace(RequestTrace trace, SplittableRandom random) {
        trace.high = id(random);
        trace.low = random.nextLong();
    }

    private static void force(Headers headers, RequestTrace trace) {
        trace.clientTraceId = headers.get(CLIENT_TRACE_ID);
        if (trace.clientTraceId != null || headers.contains(FORCE)) {
            trace.sampled = true;
        }
    }

    /// @param headers null where there is no request
    private List<Map.Entry<String, String>> tags(@Nullable Headers headers) {
        if (tags.isEmpty()) {
            return List.of();
        }
        List<Map.Entry<String, String>> found = new ArrayList<>(tags.size());
        for (CustomTag tag : tags) {
            String value = tag.valueFor(headers);
            if (!value.isEmpty()) {
                found.add(Map.entry(tag.name(), value));
            }
        }
        return found;
    }

    /// Writes the trace into the head of a request that is about to be sent, or takes out whatever says one where the
    /// next is not to learn of it. Of what is not reported the context passes as it came.
    public void inject(RequestTrace trace, Headers headers) {
        if (!propagates) {
            Propagation.remove(headers);
        } else if (trace.isReported() || trace.parentId == 0 || !propagation.isSingle()) {
            propagation.write(trace, trace.attempt == null ? trace.spanId : trace.attempt.spanId, headers);
        }
    }

    /// An id of a span, never 0.
    public static long id(SplittableRandom random) {
        long id = random.nextLong();
        return id == 0 ? 1 : id;
    }
}
