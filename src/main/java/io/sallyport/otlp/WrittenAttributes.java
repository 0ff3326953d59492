package io.sallyport.otlp;

import org.jspecify.annotations.Nullable;

/// Attributes as they were written, for those whose values come again and again: to copy one costs a fraction of
/// what it takes to write it. One thread uses it.
///
/// Each name and value has one place, so that what many different values would fill stays small: the later takes it.
final class WrittenAttributes {
    private static final int PLACES = 512;
    private static final int LONGEST_VALUE = 128;

    private final @Nullable Written[] places = new Written[PLACES];

    private record Written(AttributeName name, String value, byte[] field) {}

    /// @return the whole attribute; null where it is not known
    byte @Nullable [] find(AttributeName name, String value) {
        Written there = places[place(name, value)];
        return there != null && there.name == name && there.value.equals(value) ? there.field : null;
    }

    /// @param field the attribute as it was written
    void keep(AttributeName name, String value, byte[] field) {
        if (value.length() <= LONGEST_VALUE) {
            places[place(name, value)] = new Written(name, value, field);
        }
    }

    private static int place(AttributeName name, String value) {
        int hash = 31 * name.hashCode() + value.hashCode();
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
