package io.sallyport.config;

import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.yaml.Place;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Where the fields of resources stand in their files. The records know where their objects begin; this knows every
/// field, as long as the documents that were read are kept.
public final class SourcePositions {
    public static final SourcePositions NONE = of(List.of());

    private final TreeMap<Position, Place> documents;
    private final Set<ResourceKind> incomplete;

    private SourcePositions(TreeMap<Position, Place> documents, Set<ResourceKind> incomplete) {
        this.documents = documents;
        this.incomplete = incomplete;
    }

    static SourcePositions of(Collection<DecodedResource> resources) {
        TreeMap<Position, Place> documents = new TreeMap<>();
        Set<ResourceKind> incomplete = EnumSet.noneOf(ResourceKind.class);
        for (DecodedResource resource : resources) {
            documents.put(resource.resource().meta().at(), resource.document());
            if (!resource.complete()) {
                incomplete.add(resource.resource().meta().kind());
            }
        }
        return new SourcePositions(documents, incomplete);
    }

    /// The kinds of which some resource could be read only in part, so that something of it may only seem to be
    /// missing.
    public Set<ResourceKind> incomplete() {
        return incomplete;
    }

    /// The position of a field of the resource that `near` lies in: of its value, or where that is absent, of what is
    /// nearest around it. `near` where nothing is nearer.
    ///
    /// @param field path from the resource's root, such as `spec.http[0].route[1].destination`
    public Position of(Position near, String field) {
        Map.Entry<Position, Place> document = documents.floorEntry(near);
        if (document == null || !document.getKey().file().equals(near.file())) {
            return near;
        }
        Place place = document.getValue();
        for (String segment : field.split("[.\\[]")) {
            Place next = segment.endsWith("]")
                    ? place.index(Integer.parseInt(segment, 0, segment.length() - 1, 10))
                    : place.field(segment);
            if (!next.isPresent()) {
                return place.at().compareTo(near) > 0 ? place.at() : near;
            }
            place = next;
        }
        return place.at();
    }
}
