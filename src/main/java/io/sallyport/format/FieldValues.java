package io.sallyport.format;

import org.jspecify.annotations.Nullable;

/// What the header fields of one request say that a [ParsedFormat] wants.
public interface FieldValues {
    /// @param place as [ParsedFormat] counts them
    /// @return null where there is no such field
    @Nullable
    CharSequence at(int place);
}
