package io.sallyport.admin;

/// The phases of a serving process.
public enum ServingState {
    /// No configuration is served yet.
    STARTING,
    /// Listeners take connections.
    SERVING,
    /// Connections are asked to go elsewhere.
    DRAINING
}
