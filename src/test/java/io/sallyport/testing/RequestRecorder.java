package io.sallyport.testing;

import io.sallyport.telemetry.MirrorOutcome;
import io.sallyport.telemetry.RequestFacts;
import io.sallyport.telemetry.RequestObserver;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What a gateway tells of requests and of copies of them, in the order of their ends.
record RequestRecorder(ConcurrentLinkedQueue<RequestFacts> facts, ConcurrentLinkedQueue<String> mirrored)
        implements RequestObserver {
    @Override
    public void onRequestEnd(RequestFacts ended) {
        facts.add(ended);
    }

    @Override
    public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
        mirrored.add(outcome + " " + cluster);
    }
}
