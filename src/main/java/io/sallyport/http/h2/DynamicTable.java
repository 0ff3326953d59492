package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// HPACK's dynamic table on the encoder's side (RFC 7541, 2.3.2): the last fields that were added, as many as fit.
/// An entry's index is its distance from the newest, which has 1.
final class DynamicTable {
    /// The default (RFC 9113, 6.5.2); no more is used, whatever the peer allows.
    static final int MOST_BYTES = 4096;

    /// Bytes that a field counts for besides its name and value (RFC 7541, 4.1).
    static final int ENTRY_OVERHEAD = 32;
    /// A power of two; entries that fit, for each counts 32 bytes more than it has.
    private static final int SLOTS = MOST_BYTES / ENTRY_OVERHEAD;

    private static final byte[] NONE = {};

    // Empty until the first field is added.
    private @Nullable AsciiString[] names = {};
    private byte[][] values = {};
    private int[] hashes = {};
    /// The newest entry with that hash, and of each entry the next older one: its number, from 1. Numbers of
    /// entries that are gone end a chain.
    private long[] newest = {};

    private long[] older = {};
    private int capacity = MOST_BYTES;
    private int size;
    /// Numbers of the newest entry and of the one before the oldest.
    private long last;

    private long gone;

    /// A field's hash, of its name and a few bytes of its value.
    static int hash(AsciiString name, byte[] value, int from, int to) {
        int length = to - from;
        int hash = 31 * name.hashCode() + length;
        if (length > 0) {
            hash = 31 * (31 * hash + value[from]) + value[to - 1];
            hash = 31 * (31 * hash + value[from + length / 2]) + value[from + length / 4];
        }
        return hash ^ hash >>> 7 ^ hash >>> 16;
    }

    int capacity() {
        return capacity;
    }

    /// @param bytes at most [#MOST_BYTES]
    void resize(int bytes) {
        capacity = bytes;
        evict(0);
    }

    /// The index of an entry; 0 for none.
    int field(AsciiString name, int hash, byte[] value, int from, int to) {
        if (gone == last) {
            return 0;
        }
        for (long number = newest[hash & SLOTS - 1]; number > gone; number = older[slot(number)]) {
            int slot = slot(number);
            byte[] known = values[slot];
            if (hashes[slot] == hash
                    && name.equals(names[slot])
                    && Arrays.equals(known, 0, known.length, value, from, to)) {
                return index(number);
            }
        }
        return 0;
    }

    /// The index of the newest entry with that name; 0 for none.
    int name(AsciiString name) {
        for (long number = last; number > gone; number--) {
            if (name.equals(names[slot(number)])) {
                return index(number);
            }
        }
        return 0;
    }

    /// @param hash as [#hash] has it
    void add(AsciiString name, int hash, byte[] value) {
        int bytes = name.length() + value.length + ENTRY_OVERHEAD;
        evict(bytes);
        if (names.length == 0) {
            allocate();
        }
        int slot = slot(++last);
        names[slot] = name;
        values[slot] = value;
        hashes[slot] = hash;
        older[slot] = newest[hash & SLOTS - 1];
        newest[hash & SLOTS - 1] = last;
        size += bytes;
    }

    private void allocate() {
        names = new AsciiString[SLOTS];
        values = new byte[SLOTS][];
        hashes = new int[SLOTS];
        newest = new long[SLOTS];
        older = new long[SLOTS];
    }

    /// Lets the oldest go until there is room.
    private void evict(int room) {
        while (size + room > capacity && gone < last) {
            int slot = slot(++gone);
            AsciiString name = names[slot];
            size -= (name == null ? 0 : name.length()) + values[slot].length + ENTRY_OVERHEAD;
            names[slot] = null;
            values[slot] = NONE;
        }
    }

    private static int slot(long number) {
        return (int) number & SLOTS - 1;
    }

    private int index(long number) {
        return (int) (last - number) + 1;
    }
}
