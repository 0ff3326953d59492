package io.sallyport.otlp;

import io.opentelemetry.exporter.internal.marshal.Marshaler;
import io.sallyport.outcome.RequestFacts;
import java.util.List;

/// What collectors get of requests that have ended.
///
/// @param <T> one piece of it, as OpenTelemetry's encoder reads it
interface Signal<T> {
    /// For messages, as their first word: `Spans`.
    String title();

    /// Of the thread that sends it.
    String thread();

    /// By which gRPC takes it, `/service/method`.
    String method();

    /// @return the characters of what was added, about; 0 where nothing was
    long addTo(List<T> batch, RequestFacts facts);

    Marshaler encoder(List<T> batch);
}
