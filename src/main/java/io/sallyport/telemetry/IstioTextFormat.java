package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Istio's default access log line (`accessLogFormat` of `MeshConfig`), field by field; `-` for what is not there.
/// Lines of the mesh listener have one field more, the entry of the egress list that let the request out.
final class IstioTextFormat implements AccessLogFormatter {
    private final StartTime startTime = new StartTime();

    @Override
    public void format(RequestFacts facts, LineBuffer out) {
        startTime.write(facts.startMillis, out.put('['));
        out.put("] \"");
        quoted(facts.method, out).put(' ');
        quoted(facts.path, out).put(' ');
        quoted(facts.protocol, out).put("\" ").put(facts.status).put(' ');
        out.put(facts.flags()).put(' ');
        bare(facts.details, out).put(" - \"");
        quoted(facts.transportFailure, out).put("\" ");
        out.put(facts.bytesReceived).put(' ').put(facts.bytesSent).put(' ');
        out.put(TimeUnit.NANOSECONDS.toMillis(facts.durationNanos)).put(' ');
        if (facts.upstreamServiceNanos < 0) {
            out.put("- \"");
        } else {
            out.put(TimeUnit.NANOSECONDS.toMillis(facts.upstreamServiceNanos)).put(" \"");
        }
        quoted(facts.forwardedFor, out).put("\" \"");
        quoted(facts.userAgent, out).put("\" \"");
        quoted(facts.requestId, out).put("\" \"");
        quoted(facts.authority, out).put("\" \"");
        quoted(facts.endpoint.address(), out).put("\" ");
        bare(facts.destination.cluster(), out).put(' ');
        address(facts.endpoint.local(), out).put(' ');
        address(facts.client.local(), out).put(' ');
        address(facts.client.remote(), out).put(' ');
        bare(facts.client.serverName(), out).put(' ');
        bare(facts.routeName, out);
        if (facts.egress.host() != null) {
            quoted(facts.egress.permit(), out.put(" \"")).put('"');
        }
        out.endLine();
    }

    private static LineBuffer quoted(@Nullable CharSequence text, LineBuffer out) {
        return text == null || text.isEmpty() ? out.put('-') : out.quoted(text, LONGEST_TEXT);
    }

    private static LineBuffer bare(@Nullable CharSequence text, LineBuffer out) {
        return text == null || text.isEmpty() ? out.put('-') : out.bare(text, LONGEST_TEXT);
    }

    private static LineBuffer address(@Nullable SocketAddress address, LineBuffer out) {
        return address == null ? out.put('-') : SocketNames.put(address, out);
    }
}
