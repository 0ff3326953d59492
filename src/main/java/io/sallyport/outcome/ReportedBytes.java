package io.sallyport.outcome;

/// The bytes of a connection that [RequestObserver#onConnectionProgress] has reported.
public record ReportedBytes(long received, long sent) {
    public static final ReportedBytes NONE = new ReportedBytes(0, 0);
}
