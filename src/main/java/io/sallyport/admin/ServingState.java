package io.sallyport.admin;

/// Where the process stands between start and end.
public enum ServingState {
    /// No configuration is served yet.
    STARTING,
    /// Listeners take connections.
    SERVING,
    /// Connections are asked to go elsewhere.
    DRAINING
}
