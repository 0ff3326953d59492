package io.sallyport.telemetry;

/// Takes the labels of a series, one by one.
interface LabelSink {
    LabelSink label(String name, String value);
}
