package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// What a mesh client asked the egress list for, and what it said.
///
/// @param host canonical and without port; null on other listeners, and where it is not known
/// @param port of that host
/// @param protocol `HTTP`, `TLS` or `TCP`: what the client speaks to it
/// @param permit the entry that let it out, `ServiceEntry default/partner-api`; null where it was denied
/// @param pattern the host pattern of that entry, `*.example.com`; null where it is that host itself
/// @param denial why it was denied, as one line for the log; null where it was not, or where the details say all
public record EgressFacts(
        @Nullable String host,
        int port,
        @Nullable String protocol,
        @Nullable String permit,
        @Nullable String pattern,
        @Nullable String denial) {
    static final EgressFacts NONE = new EgressFacts(null, 0, null, null, null, null);

    public EgressFacts permitted(String by, @Nullable String itsPattern) {
        return new EgressFacts(host, port, protocol, by, itsPattern, denial);
    }

    public EgressFacts denied(String line) {
        return new EgressFacts(host, port, protocol, permit, pattern, line);
    }
}
