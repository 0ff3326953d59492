package io.sallyport.compile;

import io.sallyport.identity.CredentialException;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.DownstreamTlsSpec;
import io.sallyport.tls.UpstreamTlsContext;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The TLS contexts of one generation, by what they were made of. The next generation takes over those it needs again.
final class TlsContexts {
    private final Map<DownstreamTlsSpec, DownstreamTlsContext> downstream = new HashMap<>();
    private final Set<UpstreamTlsSpec> upstream = new HashSet<>();
    private final Map<DownstreamTlsSpec, DownstreamTlsContext> downstreamBefore;
    private final Set<UpstreamTlsSpec> upstreamBefore;

    private TlsContexts(
            Map<DownstreamTlsSpec, DownstreamTlsContext> downstreamBefore, Set<UpstreamTlsSpec> upstreamBefore) {
        this.downstreamBefore = downstreamBefore;
        this.upstreamBefore = upstreamBefore;
    }

    static TlsContexts none() {
        return new TlsContexts(Map.of(), Set.of());
    }

    TlsContexts next() {
        return new TlsContexts(Map.copyOf(downstream), Set.copyOf(upstream));
    }

    DownstreamTlsContext of(DownstreamTlsSpec spec) throws CredentialException {
        DownstreamTlsContext context = downstream.get(spec);
        if (context == null) {
            context = downstreamBefore.get(spec);
        }
        if (context == null) {
            context = DownstreamTlsContext.of(spec);
        }
        downstream.put(spec, context);
        return context;
    }

    /// Makes sure that a context can be made of the spec. The clusters make their own, once each.
    void check(UpstreamTlsSpec spec) throws CredentialException {
        if (!upstream.contains(spec)) {
            if (!upstreamBefore.contains(spec)) {
                UpstreamTlsContext.of(spec);
            }
            upstream.add(spec);
        }
    }
}
