package io.sallyport.config.index;

import org.jspecify.annotations.Nullable;

/// The form in which the literals of matches are compared with requests' paths.
public interface PathLiterals {
    PathLiterals AS_WRITTEN = new PathLiterals() {
        @Override
        public String exact(String path) {
            return path;
        }

        @Override
        public String prefix(String prefix) {
            return prefix;
        }
    };

    /// For a path as a whole; null where no request has it.
    @Nullable
    String exact(String path);

    /// For the beginning of a path; null where no request's path begins so.
    @Nullable
    String prefix(String prefix);
}
