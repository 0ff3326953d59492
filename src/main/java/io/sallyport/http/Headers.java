package io.sallyport.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An ordered list of header fields, with names in lower case (RFC 9110, 5.1; RFC 9113, 8.2.1).
///
/// Names and values are byte strings. A value that a parser has found in a head's bytes stays there until
/// somebody asks for it, who gets a copy; most pass from one connection to the other as bytes. Look-ups walk the
/// list: with the handful of fields that requests have, this beats a hash table and keeps the order. Not
/// thread-safe; a message belongs to one event loop.
public final class Headers {
    private static final int INITIAL_FIELDS = 16;
    private static final @Nullable AsciiString[] RELEASED = {};
    private static final long[] NO_PLACES = {};
    private static final byte[] NO_BYTES = {};

    /// Names at even places, the value of each behind it; null where it is still in the head's bytes.
    private @Nullable AsciiString[] fields;

    private int length;
    /// Has the bit of every name in the list, so that a look-up of most others ends here.
    private long names;
    /// This list's own until it is released; null for a list that is not a connection's.
    private @Nullable Slot slot;

    /// What a connection keeps from one message's fields to the next: the arrays. They are never in two hands, for a
    /// list has them to itself until it is released, and has nothing then. What was read from it are copies.
    public static final class Store {
        private static final int MOST_KEPT = 16;
        private static final int LONGEST_BLOCK = 2048;
        private static final int MOST_FIELDS = 64;

        private @Nullable Slot free;
        private int kept;

        /// An empty list. It takes the arrays of a released list, or new ones where there are none.
        public Headers list() {
            Slot next = free;
            if (next == null) {
                return new Headers(new Slot(this));
            }
            free = next.next;
            next.next = null;
            kept--;
            return new Headers(next);
        }

        private void keep(Slot released) {
            if (kept < MOST_KEPT
                    && released.block.length <= LONGEST_BLOCK
                    && released.fields.length <= 2 * MOST_FIELDS) {
                kept++;
                released.next = free;
                free = released;
            }
        }
    }

    private static final class Slot {
        private final Store store;
        private @Nullable AsciiString[] fields = new AsciiString[2 * INITIAL_FIELDS];
        /// Of each field, where its value is in the block: the first byte in the upper half, the one behind it in the
        /// lower. Empty where nothing was parsed yet.
        private long[] places = NO_PLACES;
        /// The bytes of the head that was parsed.
        private byte[] block = NO_BYTES;
        private @Nullable Slot next;

        private Slot(Store store) {
            this.store = store;
        }
    }

    public Headers() {
        this(INITIAL_FIELDS);
    }

    /// An empty list with room for that many fields.
    public Headers(int capacity) {
        fields = new AsciiString[2 * capacity];
    }

    private Headers(Slot slot) {
        this.slot = slot;
        fields = slot.fields;
    }

    /// Whoever is done with a message last lets its fields go: the connection's next message uses their arrays. Where
    /// nobody does, the garbage collector has them. The list is empty then, and not to be used.
    public void release() {
        Slot own = slot;
        if (own != null) {
            Arrays.fill(fields, 0, length, null);
            own.fields = fields;
            assert overwrite(own.block);
            own.store.keep(own);
            slot = null;
        }
        fields = RELEASED;
        length = 0;
        names = 0;
    }

    /// Whoever still reads a part of a head in place sees that.
    private static boolean overwrite(byte[] block) {
        Arrays.fill(block, (byte) '!');
        return true;
    }

    private boolean isUsable() {
        return fields != RELEASED;
    }

    /// The number of fields, counting every repetition of a name.
    public int size() {
        assert isUsable() : "released";
        return length >> 1;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    public AsciiString name(int index) {
        return nameAt(2 * index);
    }

    @SuppressWarnings("NullAway") // below the length no name is null
    private AsciiString nameAt(int at) {
        return fields[at];
    }

    public AsciiString value(int index) {
        AsciiString value = fields[2 * index + 1];
        return value == null ? decode(index) : value;
    }

    private AsciiString decode(int index) {
        int from = from(index);
        int to = to(index);
        AsciiString value = from == to ? AsciiString.EMPTY_STRING : new AsciiString(block(), from, to - from, true);
        fields[2 * index + 1] = value;
        return value;
    }

    /// An array for the bytes of a head whose fields are to be parsed into this list; empty where there is none yet.
    public byte[] block() {
        return slot == null ? NO_BYTES : slot.block;
    }

    @SuppressWarnings("NullAway") // a value that is not an object is in a slot's block
    private int from(int index) {
        return (int) (slot.places[index] >>> Integer.SIZE);
    }

    @SuppressWarnings("NullAway")
    private int to(int index) {
        return (int) slot.places[index];
    }

    /// Whether the value is as a parser of HTTP/1.1 has found it, and nobody has looked at it.
    public boolean isAsParsed(int index) {
        return fields[2 * index + 1] == null;
    }

    /// The length of the value, bytes.
    public int valueLength(int index) {
        AsciiString value = fields[2 * index + 1];
        return value == null ? to(index) - from(index) : value.length();
    }

    public byte valueByte(int index, int at) {
        AsciiString value = fields[2 * index + 1];
        return value == null ? block()[from(index) + at] : value.byteAt(at);
    }

    /// Whether the value is that text, to the letter.
    public boolean hasValue(int index, AsciiString text) {
        AsciiString value = fields[2 * index + 1];
        int start = text.arrayOffset();
        return value == null
                ? Arrays.equals(block(), from(index), to(index), text.array(), start, start + text.length())
                : value.equals(text);
    }

    /// Copies the value, [#valueLength] bytes.
    public void copyValue(int index, byte[] into, int at) {
        AsciiString value = fields[2 * index + 1];
        if (value == null) {
            System.arraycopy(block(), from(index), into, at, to(index) - from(index));
        } else {
            System.arraycopy(value.array(), value.arrayOffset(), into, at, value.length());
        }
    }

    /// Appends a field. The name must be a lower-case token and the value free of CR, LF and NUL: decoders and
    /// configuration see to both.
    public Headers add(AsciiString name, AsciiString value) {
        append(name, value);
        return this;
    }

    /// Appends a field whose value lies in these bytes, without space at either end.
    ///
    /// @param bytes of the head so far; where the list is a connection's, they belong to it from now on
    public void add(AsciiString name, byte[] bytes, int from, int to) {
        Slot own = slot;
        if (own == null) {
            append(name, new AsciiString(bytes, from, to - from, true));
            return;
        }
        append(name, null);
        if (own.places.length == 0) {
            own.places = new long[fields.length >> 1];
        }
        own.places[(length >> 1) - 1] = (long) from << Integer.SIZE | to;
        own.block = bytes;
    }

    private void append(AsciiString name, @Nullable AsciiString value) {
        assert isUsable() : "released";
        if (length == fields.length) {
            grow();
        }
        fields[length] = name;
        fields[length + 1] = value;
        length += 2;
        names |= bit(name);
    }

    private void grow() {
        fields = Arrays.copyOf(fields, Math.max(2 * length, 8));
        if (slot != null && slot.places.length > 0) {
            slot.places = Arrays.copyOf(slot.places, fields.length >> 1);
        }
    }

    private static long bit(AsciiString name) {
        return 1L << name.hashCode();
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
        return index < 0 ? null : value(index);
    }

    public boolean contains(AsciiString name) {
        return indexOf(name, 0) >= 0;
    }

    /// The place of the first field of this name at or after `from`, or -1.
    public int indexOf(AsciiString name, int from) {
        assert isUsable() : "released";
        if ((names & bit(name)) == 0) {
            return -1;
        }
        for (int i = 2 * from; i < length; i += 2) {
            AsciiString candidate = nameAt(i);
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
        int behind = size() - index - 1;
        System.arraycopy(fields, 2 * index + 2, fields, 2 * index, 2 * behind);
        if (slot != null && slot.places.length > 0) {
            System.arraycopy(slot.places, index + 1, slot.places, index, behind);
        }
        fields[length - 1] = null;
        fields[length - 2] = null;
        length -= 2;
    }

    /// A list with the same fields; changes to one do not show in the other.
    public Headers copy() {
        Headers copy = new Headers(Math.max(size() + 4, 8));
        for (int i = 0; i < size(); i++) {
            copy.add(name(i), value(i));
        }
        return copy;
    }

    private boolean removeFrom(AsciiString name, int from) {
        int size = size();
        int kept = from;
        for (int i = from; i < size; i++) {
            if (!name(i).equals(name)) {
                move(i, kept++);
            }
        }
        Arrays.fill(fields, 2 * kept, length, null);
        length = 2 * kept;
        return kept < size;
    }

    private void move(int from, int to) {
        fields[2 * to] = fields[2 * from];
        fields[2 * to + 1] = fields[2 * from + 1];
        if (slot != null && slot.places.length > 0) {
            slot.places[to] = slot.places[from];
        }
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
