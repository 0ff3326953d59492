package io.sallyport.outcome;

import io.netty.util.AsciiString;
import io.sallyport.format.Command.Moment;
import io.sallyport.format.LogPlan;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a request is to be logged, and what of it only formats and expressions want: those of the log, of header values,
/// of metrics' labels, of spans' tags. There is one only where the configuration has any.
///
/// Like [RequestFacts] it is filled in on one event loop, and read on another thread once the request has ended.
public final class LoggedFields {
    /// Null for as it is usual.
    public final @Nullable LogPlan plan;
    /// Header fields that the log wants; null for none.
    public final @Nullable CapturedValues logged;
    /// Those that metrics' labels want.
    public @Nullable CapturedValues counted;
    /// Those that spans' tags want.
    public @Nullable CapturedValues traced;
    /// Fields of the request that hold credentials of the gateway's own.
    public List<AsciiString> withheld = List.of();
    /// Monotonic clock when the request's last byte came, as [RequestFacts#startNanos]; 0 as long as it has not.
    public long requestEndNanos;
    /// That when the response's head came; 0 likewise.
    public long responseHeadNanos;
    /// `HTTP/1.1`, `HTTP/2`: what the endpoint was spoken to by.
    public @Nullable String upstreamProtocol;
    /// The other end of the client's socket, whatever a PROXY protocol header says.
    public @Nullable SocketAddress peer;
    /// Of the client's connection, unique in this process; -1 where it has none.
    public long connectionId = -1;
    public @Nullable String filterChain;
    /// The client's certificate, which was verified.
    public @Nullable X509Certificate peerCertificate;
    /// `TLSv1.3`.
    public @Nullable String tlsVersion;
    /// IANA name.
    public @Nullable String tlsCipher;

    public LoggedFields(@Nullable LogPlan plan) {
        this.plan = plan;
        logged = plan == null || plan.captured().size() == 0 ? null : new CapturedValues(plan.captured());
    }

    /// The request's last byte has come.
    public void requestEnded() {
        if (requestEndNanos == 0) {
            requestEndNanos = System.nanoTime();
        }
    }

    /// Of the texts of others, characters.
    int weight() {
        return weight(logged) + weight(counted) + weight(traced);
    }

    private static int weight(@Nullable CapturedValues values) {
        return values == null ? 0 : values.weight();
    }

    private long sentNanos(RequestFacts facts) {
        return responseHeadNanos == 0 || facts.upstreamServiceNanos < 0
                ? 0
                : responseHeadNanos - facts.upstreamServiceNanos;
    }

    /// Monotonic clock at that moment; 0 where it has not been.
    long nanos(Moment moment, RequestFacts facts) {
        return switch (moment) {
            case DS_RX_BEG -> facts.startNanos;
            case DS_RX_END -> requestEndNanos;
            case US_TX_BEG -> sentNanos(facts);
            // A body is sent on as it comes.
            case US_TX_END ->
                requestEndNanos == 0 || sentNanos(facts) == 0 ? 0 : Math.max(requestEndNanos, sentNanos(facts));
            case US_RX_BEG -> responseHeadNanos;
            case DS_TX_END -> facts.durationNanos == 0 ? 0 : facts.startNanos + facts.durationNanos;
        };
    }
}
