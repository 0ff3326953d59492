package io.sallyport.config.validation;

import io.sallyport.config.decode.DecodedResource;

/// Checks one resource by itself.
public final class ResourceValidator {
    private ResourceValidator() {}

    /// Reports into the resource's document.
    public static void validate(DecodedResource decoded) {}
}
