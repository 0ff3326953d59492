package io.sallyport.config.decode;

import io.sallyport.config.model.Resource;
import io.sallyport.config.yaml.Place;

/// A resource and where it was read, so that later checks can point into it.
///
/// @param document the resource's root
/// @param complete false when a part of it could not be read, so that checks would report what only seems missing
public record DecodedResource(Resource resource, Place document, boolean complete) {}
