package io.sallyport.otlp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Parts of messages as they were written, by the values that they were made of: to copy one costs a fraction of
/// what it takes to write it. One thread uses it.
///
/// There are a few hundred places, each for what its hash leads to: where clients send many different values, the later
/// takes the place.
final class WrittenParts {
    private static final int PLACES = 256;
    private static final int LONGEST = 4096;

    private final @Nullable Written[] places = new Written[PLACES];
    /// Nothing has to be hashed for a part like the one before.
    private @Nullable Written last;

    private record Written(int number, @Nullable String[] values, byte[] bytes) {
        boolean isOf(int otherNumber, @Nullable String[] others) {
            return number == otherNumber && Arrays.equals(values, others);
        }
    }

    /// @param number and values that the part was made of
    /// @return null where it is not known
    byte @Nullable [] find(int number, @Nullable String[] values) {
        Written known = last;
        if (known == null || !known.isOf(number, values)) {
            known = places[place(number, values)];
            if (known == null || !known.isOf(number, values)) {
                return null;
            }
            last = known;
        }
        return known.bytes;
    }

    /// @param values belong to this from now on
    void keep(int number, @Nullable String[] values, byte[] bytes) {
        if (bytes.length <= LONGEST) {
            places[place(number, values)] = new Written(number, values, bytes);
        }
    }

    private static int place(int number, @Nullable String[] values) {
        int hash = 31 * Arrays.hashCode(values) + number;
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
