package io.sallyport.config.decode;

import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.yaml.Place;
import org.jspecify.annotations.Nullable;

/// A resource and where it was read, so that later checks can point into it.
///
/// @param meta which resource it is, which is certain
/// @param resource null where it could not be read at all
/// @param document the resource's root
/// @param complete false when a part of it could not be read, so that checks would report what only seems missing
/// @param errors that were reported of it
public record DecodedResource(
        ResourceMeta meta, @Nullable Resource resource, Place document, boolean complete, long errors) {}
