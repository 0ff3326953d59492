package io.sallyport.outcome;

/// Two observers as one.
record ObserverPair(RequestObserver first, RequestObserver second) implements RequestObserver {
    @Override
    public void onRequestEnd(RequestFacts facts) {
        first.onRequestEnd(facts);
        second.onRequestEnd(facts);
    }

    @Override
    public void onConnectionStart(RequestFacts facts) {
        first.onConnectionStart(facts);
        second.onConnectionStart(facts);
    }

    @Override
    public void onTunnelStart(RequestFacts facts) {
        first.onTunnelStart(facts);
        second.onTunnelStart(facts);
    }

    @Override
    public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
        first.onMirrorEnd(cluster, outcome);
        second.onMirrorEnd(cluster, outcome);
    }

    @Override
    public void onConnectionEnd(RequestFacts facts) {
        first.onConnectionEnd(facts);
        second.onConnectionEnd(facts);
    }
}
