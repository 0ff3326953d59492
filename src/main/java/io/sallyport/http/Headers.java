package io.sallyport.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An ordered list of header fields, with names in lower case (RFC 9110, 5.1; RFC 9113, 8.2.1).
///
/// Names and values are byte strings that a decoder cut out of what arrived; they pass from one connection to the
/// other without being copied or decoded. Look-ups walk the list: with the handful of fields that requests have, this
/// beats a hash table and keeps the order. Not thread-safe; a message belongs to one event loop.
public final class Headers {
    private static final int INITIAL_FIELDS = 16;

    /// Names at even places, the value of each behind it.
    private AsciiString[] fields;

    private int length;

    public Headers() {
        this(INITIAL_FIELDS);
    }

    /// An empty list with room for that many fields.
    public Headers(int capacity) {
        fields = new AsciiString[2 * capacity];
    }

    /// The number of fields, counting every repetition of a name.
    public int size() {
        return length >> 1;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    public AsciiString name(int index) {
        return fields[2 * index];
    }

    public AsciiString value(int index) {
        return fields[2 * index + 1];
    }

    /// Appends a field. The name must be a lower-case token and the value free of CR, LF and NUL: decoders and
    /// configuration see to both.
    public Headers add(AsciiString name, AsciiString value) {
        if (length == fields.length) {
            fields = Arrays.copyOf(fields, Math.max(2 * length, 8));
        }
        fields[length] = name;
        fields[length + 1] = value;
        length += 2;
        return this;
    }

    public Headers add(AsciiString name, String value) {
        return add(name, new AsciiString(value));
    }

    /// Replaces every field of this name by one, at the place of the first.
    public Headers set(AsciiString name, AsciiString value) {
        int first = indexOf(name, 0);
        if (first < 0) {
            return add(name, value);
        }
        fields[2 * first + 1] = value;
        removeFrom(name, first + 1);
        return this;
    }

    public Headers set(AsciiString name, String value) {
        return set(name, new AsciiString(value));
    }

    /// Replaces the value of the field at this place.
    public void setValue(int index, AsciiString value) {
        fields[2 * index + 1] = value;
    }

    /// The value of the first field of this name, or null.
    public @Nullable AsciiString get(AsciiString name) {
        int index = indexOf(name, 0);
        return index < 0 ? null : fields[2 * index + 1];
    }

    public boolean contains(AsciiString name) {
        return indexOf(name, 0) >= 0;
    }

    /// The place of the first field of this name at or after `from`, or -1.
    public int indexOf(AsciiString name, int from) {
        for (int i = 2 * from; i < length; i += 2) {
            AsciiString candidate = fields[i];
            if (candidate == name || (candidate.length() == name.length() && candidate.equals(name))) {
                return i >> 1;
            }
        }
        return -1;
    }

    /// How many fields have this name.
    public int count(AsciiString name) {
        int count = 0;
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            count++;
        }
        return count;
    }

    /// All values of this name joined by `,` (RFC 9110, 5.3), or null where there is none. A single value is returned
    /// as it is.
    public @Nullable CharSequence joined(AsciiString name) {
        int first = indexOf(name, 0);
        if (first < 0) {
            return null;
        }
        int next = indexOf(name, first + 1);
        if (next < 0) {
            return value(first);
        }
        StringBuilder all = new StringBuilder().append(value(first));
        for (int i = next; i >= 0; i = indexOf(name, i + 1)) {
            all.append(',').append(value(i));
        }
        return all;
    }

    /// Removes every field of this name; true if there was one.
    public boolean remove(AsciiString name) {
        int first = indexOf(name, 0);
        return first >= 0 && removeFrom(name, first);
    }

    /// Removes the field at this place; later ones move up.
    public void removeAt(int index) {
        System.arraycopy(fields, 2 * index + 2, fields, 2 * index, length - 2 * index - 2);
        fields[length - 1] = AsciiString.EMPTY_STRING;
        fields[length - 2] = AsciiString.EMPTY_STRING;
        length -= 2;
    }

    public void clear() {
        Arrays.fill(fields, 0, length, AsciiString.EMPTY_STRING);
        length = 0;
    }

    /// A list with the same fields; changes to one do not show in the other.
    public Headers copy() {
        Headers copy = new Headers(Math.max(size() + 4, 8));
        System.arraycopy(fields, 0, copy.fields, 0, length);
        copy.length = length;
        return copy;
    }

    /// Names and values in turn, as an array of exactly twice [#size()] entries.
    public AsciiString[] toArray() {
        return Arrays.copyOf(fields, length);
    }

    private boolean removeFrom(AsciiString name, int from) {
        int kept = 2 * from;
        for (int i = kept; i < length; i += 2) {
            AsciiString candidate = fields[i];
            if (candidate != name && !candidate.equals(name)) {
                fields[kept] = candidate;
                fields[kept + 1] = fields[i + 1];
                kept += 2;
            }
        }
        boolean removed = kept < length;
        Arrays.fill(fields, kept, length, AsciiString.EMPTY_STRING);
        length = kept;
        return removed;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size(); i++) {
            text.append(name(i)).append(": ").append(value(i)).append('\n');
        }
        return text.toString();
    }
}
