package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The positions of resources' fields in their files: records have the positions of objects only.
///
/// Not thread-safe.
public final class SourcePositions {
    public static final SourcePositions NONE = of(List.of());

    private final Collection<FileResources> files;
    /// Made when first asked for, as the next: most configurations have no problems.
    private @Nullable Map<String, FileResources> byName;

    private @Nullable Set<ResourceKind> incomplete;
    /// Files in which positions were looked up.
    private final Set<FileResources> asked = new HashSet<>();

    private SourcePositions(Collection<FileResources> files) {
        this.files = files;
    }

    public static SourcePositions of(Collection<FileResources> files) {
        return new SourcePositions(files);
    }

    /// The kinds of which some resource could be read only in part: what seems to be missing may be in the other part.
    public Set<ResourceKind> incomplete() {
        Set<ResourceKind> known = incomplete;
        if (known == null) {
            known = EnumSet.noneOf(ResourceKind.class);
            for (FileResources file : files) {
                known.addAll(file.incomplete());
            }
            incomplete = known;
        }
        return known;
    }

    /// The file of that name, or null.
    public @Nullable FileResources file(String name) {
        Map<String, FileResources> known = byName;
        if (known == null) {
            known = HashMap.newHashMap(files.size());
            for (FileResources file : files) {
                known.put(file.name(), file);
            }
            byName = known;
        }
        return known.get(name);
    }

    /// The position of a field's value in the resource that `near` lies in; where it is absent, of the innermost object
    /// around it, or `near`.
    ///
    /// @param field path from the resource's root, such as `spec.http[0].route[1].destination`
    public Position of(Position near, String field) {
        FileResources file = file(near.file());
        if (file == null) {
            return near;
        }
        asked.add(file);
        return file.position(near, field);
    }

    /// Drops what only [#of] needs.
    public void forgetDocuments() {
        asked.forEach(FileResources::forgetDocuments);
        asked.clear();
    }
}
