package io.sallyport.otlp;

import io.sallyport.outcome.RequestFacts;

/// What a collector gets of requests that have ended.
interface Signal {
    /// For messages, as their first word: `Spans`.
    String title();

    /// Of the thread that sends it.
    String thread();

    /// By which gRPC takes it, `/service/method`.
    String method();

    /// Adds what is to be said of the request, if anything.
    void addTo(Batch batch, RequestFacts facts);
}
