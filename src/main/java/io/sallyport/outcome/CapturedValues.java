package io.sallyport.outcome;

import io.sallyport.format.CapturedFields;
import io.sallyport.format.FieldValues;
import org.jspecify.annotations.Nullable;

/// What the captured header fields of one request say.
public final class CapturedValues implements FieldValues {
    private final CapturedFields wanted;
    private final @Nullable CharSequence[] values;

    public CapturedValues(CapturedFields wanted) {
        this.wanted = wanted;
        values = new CharSequence[wanted.size()];
    }

    public CapturedFields wanted() {
        return wanted;
    }

    /// @param value null for a field that is not there
    public void set(int place, @Nullable CharSequence value) {
        values[place] = value;
    }

    @Override
    public @Nullable CharSequence at(int place) {
        return place < values.length ? values[place] : null;
    }

    /// Those from that place on, which one format counts from 0.
    ///
    /// @param of null where nothing is captured
    public static FieldValues from(int first, @Nullable CapturedValues of) {
        if (of == null) {
            return _ -> null;
        }
        return first == 0 ? of : place -> of.at(first + place);
    }

    /// Of the texts of others, characters.
    int weight() {
        int weight = 0;
        for (CharSequence value : values) {
            weight += value == null ? 0 : value.length();
        }
        return weight;
    }
}
