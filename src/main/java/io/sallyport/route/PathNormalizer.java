package io.sallyport.route;

/// Makes one canonical path of every spelling, see [PathNormalization].
public final class PathNormalizer {
    private final PathNormalization mode;

    public PathNormalizer(PathNormalization mode) {
        this.mode = mode;
    }

    /// @param target path and query as sent, in origin form
    public RequestTarget normalize(String target) {
        throw new UnsupportedOperationException(mode.name());
    }
}
