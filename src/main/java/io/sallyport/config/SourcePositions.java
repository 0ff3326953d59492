package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The positions of resources' fields in their files: records have the positions of objects only.
public final class SourcePositions {
    public static final SourcePositions NONE = of(List.of());

    private final Collection<FileResources> files;
    /// Made when first asked for: most configurations have no problems.
    private @Nullable Map<String, FileResources> byName;

    private SourcePositions(Collection<FileResources> files) {
        this.files = files;
    }

    public static SourcePositions of(Collection<FileResources> files) {
        return new SourcePositions(files);
    }

    /// The kinds of which some resource could be read only in part: what seems to be missing may be in the other part.
    public Set<ResourceKind> incomplete() {
        Set<ResourceKind> incomplete = EnumSet.noneOf(ResourceKind.class);
        files.forEach(file -> incomplete.addAll(file.incomplete()));
        return incomplete;
    }

    /// Whether any position was looked up.
    boolean wereAsked() {
        return byName != null;
    }

    /// The position of a field's value in the resource that `near` lies in; where it is absent, of the innermost object
    /// around it, or `near`.
    ///
    /// @param field path from the resource's root, such as `spec.http[0].route[1].destination`
    public Position of(Position near, String field) {
        if (byName == null) {
            byName = HashMap.newHashMap(files.size());
            for (FileResources file : files) {
                byName.put(file.name(), file);
            }
        }
        FileResources file = byName.get(near.file());
        return file == null ? near : file.position(near, field);
    }
}
