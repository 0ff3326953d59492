package io.sallyport.outcome;

/// Hears of every request once, when it has ended. Called on event loops: an observer must return at once.
public interface RequestObserver {
    void onRequestEnd(RequestFacts facts);

    /// A TCP or passthrough connection has begun; its cluster is known, and what [#onConnectionEnd] tells is not yet.
    default void onConnectionStart(RequestFacts facts) {}

    /// A request has opened a tunnel, which may last for days; [#onRequestEnd] tells of its end.
    default void onTunnelStart(RequestFacts facts) {}

    /// A TCP or passthrough connection ended; `facts` has neither method nor status.
    default void onConnectionEnd(RequestFacts facts) {
        onRequestEnd(facts);
    }

    /// A copy of a request, or the attempt at one, has ended. The request itself may have ended before or may not.
    default void onMirrorEnd(String cluster, MirrorOutcome outcome) {}

    RequestObserver NONE = facts -> {};

    /// One that tells both, the first first.
    default RequestObserver and(RequestObserver next) {
        return new ObserverPair(this, next);
    }
}
