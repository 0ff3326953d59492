package io.sallyport.compile;

import io.sallyport.config.index.PathLiterals;
import io.sallyport.route.PathNormalizer;
import org.jspecify.annotations.Nullable;

/// The literals of matches as the normalizer of the requests' paths has them.
public record CanonicalPaths(PathNormalizer normalizer) implements PathLiterals {
    @Override
    public @Nullable String exact(String path) {
        return normalizer.literal(path);
    }

    @Override
    public @Nullable String prefix(String prefix) {
        return normalizer.literalPrefix(prefix);
    }
}
