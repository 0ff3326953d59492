package io.sallyport.runtime.settings;

public enum AccessLogFormat {
    /// Istio's default line.
    TEXT,
    /// One object a line, with Istio's default keys.
    JSON
}
