package io.sallyport.route;

/// How the paths of requests are made canonical, by where they come in.
///
/// @param mode for requests to Gateways
/// @param gateway what makes the paths of requests to Gateways canonical
/// @param mesh what makes those of mesh clients canonical: external services have paths of their own kind, so what
///     means the same is made the same, and no more
public record RequestPaths(
        PathNormalization mode, EncodedSlashes encodedSlashes, PathNormalizer gateway, PathNormalizer mesh) {
    public static final RequestPaths DEFAULT = of(PathNormalization.MERGE_SLASHES, EncodedSlashes.KEEP);

    public static RequestPaths of(PathNormalization mode, EncodedSlashes encodedSlashes) {
        return new RequestPaths(
                mode,
                encodedSlashes,
                new PathNormalizer(mode, encodedSlashes),
                PathNormalizer.forForwardProxy(encodedSlashes));
    }
}
