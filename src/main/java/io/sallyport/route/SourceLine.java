package io.sallyport.route;

/// The line of the configuration that something is from, wherever that has moved since.
@FunctionalInterface
public interface SourceLine {
    SourceLine NONE = () -> "";

    /// `file:line`; empty for none.
    String text();
}
