package io.sallyport.telemetry;

/// Takes the labels of a series, one by one.
public interface LabelSink {
    LabelSink label(String name, String value);
}
