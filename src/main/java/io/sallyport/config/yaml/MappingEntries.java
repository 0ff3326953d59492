package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The entries of a mapping, in the file's order, each name once. Nearly all mappings are small: these are looked
/// through, and only large ones have a hash table.
///
/// Added to until its mapping is closed, and not changed from then on.
public final class MappingEntries {
    /// A power of two times [#NAMES].
    private static final int LOOKED_THROUGH = 16;
    private static final int NAMES = 4;
    private static final int NONE = -1;

    private final List<YamlNode.Entry> entries;
    /// Of the entries while there are few: a name is looked for with fewer steps than through them.
    private String[] names;

    private @Nullable Map<String, Integer> places;

    public MappingEntries() {
        this(new ArrayList<>(NAMES), new String[NAMES], null);
    }

    private MappingEntries(List<YamlNode.Entry> entries, String[] names, @Nullable Map<String, Integer> places) {
        this.entries = entries;
        this.names = names;
        this.places = places;
    }

    /// Adds an entry unless its name is taken.
    ///
    /// @return the entry that has the name already, or null
    YamlNode.@Nullable Entry putIfAbsent(YamlNode.Entry entry) {
        int place = indexOf(entry.name());
        if (place != NONE) {
            return entries.get(place);
        }
        if (places == null && entries.size() == LOOKED_THROUGH) {
            places = HashMap.newHashMap(4 * LOOKED_THROUGH);
            for (int i = 0; i < LOOKED_THROUGH; i++) {
                places.put(names[i], i);
            }
        }
        if (places != null) {
            places.put(entry.name(), entries.size());
        } else {
            if (entries.size() == names.length) {
                names = Arrays.copyOf(names, 2 * names.length);
            }
            names[entries.size()] = entry.name();
        }
        entries.add(entry);
        return null;
    }

    /// Nothing more is added.
    void close() {
        if (entries instanceof ArrayList<YamlNode.Entry> list) {
            list.trimToSize();
        }
    }

    /// The same as if all stood at that place; of closed ones.
    MappingEntries movedTo(Position place) {
        return new MappingEntries(new YamlNode.Moved<>(entries, entry -> entry.movedTo(place)), names, places);
    }

    /// Where the entry of that name stands, from 0, or -1.
    int indexOf(String name) {
        if (places != null) {
            return places.getOrDefault(name, NONE);
        }
        for (int i = 0; i < entries.size(); i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return NONE;
    }

    public YamlNode.@Nullable Entry get(String name) {
        int place = indexOf(name);
        return place == NONE ? null : entries.get(place);
    }

    public List<YamlNode.Entry> list() {
        return Collections.unmodifiableList(entries);
    }

    public int size() {
        return entries.size();
    }
}
