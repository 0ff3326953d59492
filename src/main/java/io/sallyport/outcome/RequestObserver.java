package io.sallyport.outcome;

/// Is notified of every request once, when it has ended. Called on event loops: an observer must return at once.
public interface RequestObserver {
    void onRequestEnd(RequestFacts facts);

    /// A TCP or passthrough connection has begun; its cluster is known, and what [#onConnectionEnd] reports is not yet.
    default void onConnectionStart(RequestFacts facts) {}

    /// Bytes of a TCP or passthrough connection have been relayed, which goes on. Called only where the configuration
    /// has an interval for it.
    default void onConnectionProgress(RequestFacts facts) {}

    /// A request has opened a tunnel, which may last for days; [#onRequestEnd] reports its end.
    default void onTunnelStart(RequestFacts facts) {}

    /// A TCP or passthrough connection ended; `facts` has neither method nor status.
    default void onConnectionEnd(RequestFacts facts) {
        onRequestEnd(facts);
    }

    /// A copy of a request, or the attempt at one, has ended. The request itself may have ended before or may not.
    default void onMirrorEnd(String cluster, MirrorOutcome outcome) {}

    /// A copy of a request whose trace is reported has ended; `facts` are its own.
    default void onCopyEnd(RequestFacts facts) {}

    /// An external authorizer was asked about a request.
    ///
    /// @param provider its name
    default void onAuthorization(String provider, AuthorizationOutcome outcome) {}

    /// A fetch of an issuer's keys has ended.
    ///
    /// @param origin the URL of the keys, or of the issuer's document that names it, without a query
    default void onKeyFetch(String origin, KeyFetchOutcome outcome) {}

    /// No rule wants the keys of that origin any more.
    default void onKeysUnused(String origin) {}

    RequestObserver NONE = facts -> {};

    /// An observer that notifies this one, and then the next.
    default RequestObserver and(RequestObserver next) {
        RequestObserver first = this;
        return new RequestObserver() {
            @Override
            public void onRequestEnd(RequestFacts facts) {
                first.onRequestEnd(facts);
                next.onRequestEnd(facts);
            }

            @Override
            public void onConnectionStart(RequestFacts facts) {
                first.onConnectionStart(facts);
                next.onConnectionStart(facts);
            }

            @Override
            public void onConnectionProgress(RequestFacts facts) {
                first.onConnectionProgress(facts);
                next.onConnectionProgress(facts);
            }

            @Override
            public void onTunnelStart(RequestFacts facts) {
                first.onTunnelStart(facts);
                next.onTunnelStart(facts);
            }

            @Override
            public void onConnectionEnd(RequestFacts facts) {
                first.onConnectionEnd(facts);
                next.onConnectionEnd(facts);
            }

            @Override
            public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
                first.onMirrorEnd(cluster, outcome);
                next.onMirrorEnd(cluster, outcome);
            }

            @Override
            public void onCopyEnd(RequestFacts facts) {
                first.onCopyEnd(facts);
                next.onCopyEnd(facts);
            }

            @Override
            public void onAuthorization(String provider, AuthorizationOutcome outcome) {
                first.onAuthorization(provider, outcome);
                next.onAuthorization(provider, outcome);
            }

            @Override
            public void onKeyFetch(String origin, KeyFetchOutcome outcome) {
                first.onKeyFetch(origin, outcome);
                next.onKeyFetch(origin, outcome);
            }

            @Override
            public void onKeysUnused(String origin) {
                first.onKeysUnused(origin);
                next.onKeysUnused(origin);
            }
        };
    }
}
