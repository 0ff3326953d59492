package io.sallyport.snapshot.compile;

import io.sallyport.identity.CredentialException;
import io.sallyport.identity.DownstreamTlsContext;
import io.sallyport.identity.DownstreamTlsSpec;
import io.sallyport.identity.UpstreamTlsContext;
import io.sallyport.identity.UpstreamTlsSpec;
import java.util.HashMap;
import java.util.Map;

/// The TLS contexts of one generation, by what they were made of. The next generation takes over those it needs again.
final class TlsContexts {
    private final Map<DownstreamTlsSpec, DownstreamTlsContext> downstream = new HashMap<>();
    private final Map<UpstreamTlsSpec, UpstreamTlsContext> upstream = new HashMap<>();
    private final Map<DownstreamTlsSpec, DownstreamTlsContext> downstreamBefore;
    private final Map<UpstreamTlsSpec, UpstreamTlsContext> upstreamBefore;

    private TlsContexts(
            Map<DownstreamTlsSpec, DownstreamTlsContext> downstreamBefore,
            Map<UpstreamTlsSpec, UpstreamTlsContext> upstreamBefore) {
        this.downstreamBefore = downstreamBefore;
        this.upstreamBefore = upstreamBefore;
    }

    static TlsContexts none() {
        return new TlsContexts(Map.of(), Map.of());
    }

    TlsContexts next() {
        return new TlsContexts(Map.copyOf(downstream), Map.copyOf(upstream));
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

    UpstreamTlsContext of(UpstreamTlsSpec spec) throws CredentialException {
        UpstreamTlsContext context = upstream.get(spec);
        if (context == null) {
            context = upstreamBefore.get(spec);
        }
        if (context == null) {
            context = UpstreamTlsContext.of(spec);
        }
        upstream.put(spec, context);
        return context;
    }
}
