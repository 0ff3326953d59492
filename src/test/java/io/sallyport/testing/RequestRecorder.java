package io.sallyport.testing;

import io.sallyport.outcome.AuthorizationOutcome;
import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Records what a gateway reports of requests, of their copies and of authorizers, each in the order in which they end.
record RequestRecorder(
        ConcurrentLinkedQueue<RequestFacts> facts,
        ConcurrentLinkedQueue<String> mirrored,
        ConcurrentLinkedQueue<String> authorizations)
        implements RequestObserver {
    @Override
    public void onRequestEnd(RequestFacts ended) {
        facts.add(ended);
    }

    @Override
    public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
        mirrored.add(outcome + " " + cluster);
    }

    @Override
    public void onAuthorization(String provider, AuthorizationOutcome outcome) {
        authorizations.add(outcome + " " + provider);
    }
}
