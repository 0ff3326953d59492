package io.sallyport.trace;

import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;
import java.util.List;

/// The headers by which a trace is passed on.
///
/// @param formats read in this order, until one is well formed; all of them are written
public record Propagation(List<Format> formats) {
    public enum Format {
        TRACECONTEXT,
        B3,
        B3MULTI
    }

    public Propagation {
        formats = List.copyOf(formats);
    }

    /// Takes over what the headers say.
    Found read(Headers headers, RequestTrace trace) {
        Found decision = Found.NOTHING;
        for (int i = 0; i < formats.size(); i++) {
            Found found =
                    switch (formats.get(i)) {
                        case TRACECONTEXT -> TraceParent.read(headers, trace) ? Found.DECIDED_CONTEXT : Found.NOTHING;
                        case B3 -> B3.readSingle(headers, trace);
                        case B3MULTI -> B3.readMulti(headers, trace);
                    };
            if (found.hasIds()) {
                return found;
            }
            decision = found == Found.NOTHING ? decision : found;
        }
        return decision;
    }

    /// Whether one format alone is spoken, so that what came in it can pass as it is.
    boolean isSingle() {
        return formats.size() == 1;
    }

    /// @param spanId that the next one is to take for its parent
    void write(RequestTrace trace, long spanId, Headers headers) {
        for (int i = 0; i < formats.size(); i++) {
            switch (formats.get(i)) {
                case TRACECONTEXT -> TraceParent.write(trace, spanId, headers);
                case B3 -> B3.writeSingle(trace, spanId, headers);
                case B3MULTI -> B3.writeMulti(trace, spanId, headers);
            }
        }
    }

    /// Nothing of the trace is passed on, in whatever format.
    static void remove(Headers headers) {
        TraceParent.remove(headers);
        B3.remove(headers);
    }
}
