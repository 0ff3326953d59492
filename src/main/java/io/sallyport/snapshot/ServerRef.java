package io.sallyport.snapshot;

/// Names one entry of a Gateway's `servers`.
///
/// @param gateway `namespace/name`
/// @param index its place in `servers`
/// @param name the server's or its port's name
/// @param port the Gateway's port number, not the one that is bound
public record ServerRef(String gateway, int index, String name, int port) {
    @Override
    public String toString() {
        return gateway + "/" + name + ":" + port;
    }
}
