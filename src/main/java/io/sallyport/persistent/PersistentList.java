package io.sallyport.persistent;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// An immutable list in pieces, none of which is empty. What is made of it by a change shares all pieces with it but
/// those that the change is in.
public final class PersistentList<E> extends AbstractList<E> {
    /// Elements of a piece, at most. Two that are neighbours have more together, so a piece has half as many or more in
    /// the mean.
    static final int PIECE = 512;

    private final Object[][] pieces;
    /// Of each piece, how many elements it and those before it have.
    private final int[] ends;

    private PersistentList(Object[][] pieces) {
        this.pieces = pieces;
        ends = new int[pieces.length];
        int end = 0;
        for (int i = 0; i < pieces.length; i++) {
            end += pieces[i].length;
            ends[i] = end;
        }
    }

    /// As [List#copyOf], which it is for a short list.
    public static <E> List<E> copyOf(List<E> list) {
        if (list instanceof PersistentList<E> || list.size() <= PIECE) {
            return list instanceof PersistentList<E> ? list : List.copyOf(list);
        }
        Builder<E> copy = builder();
        list.forEach(copy::add);
        return copy.build();
    }

    /// A list with others in the place of those that stand in a range.
    public static <E> List<E> replaced(List<E> list, int from, int to, List<? extends E> others) {
        Builder<E> replaced = builder();
        replaced.addAll(list, 0, from);
        replaced.addAll(others, 0, others.size());
        replaced.addAll(list, to, list.size());
        return replaced.build();
    }

    /// Where in the list that very object is.
    ///
    /// @throws IllegalStateException where it is not
    @SuppressWarnings("ReferenceEquality") // The list has the very objects.
    public static <E> int placeOf(E element, List<E> list) {
        int place = 0;
        for (E each : list) {
            if (each == element) {
                return place;
            }
            place++;
        }
        throw new IllegalStateException("not in the list: " + element);
    }

    public static <E> Builder<E> builder() {
        return new Builder<>();
    }

    /// How many elements at the beginning the lists have in common by whole pieces, or less than they have.
    static int sharedHead(List<?> one, List<?> other) {
        if (!(one instanceof PersistentList<?> some && other instanceof PersistentList<?> others)) {
            return 0;
        }
        int i = 0;
        while (i < Math.min(some.pieces.length, others.pieces.length) && some.pieces[i] == others.pieces[i]) {
            i++;
        }
        return some.startOf(i);
    }

    /// As [#sharedHead], at the end.
    ///
    /// @param most that it may be
    static int sharedTail(List<?> one, List<?> other, int most) {
        int tail = 0;
        if (one instanceof PersistentList<?> some && other instanceof PersistentList<?> others) {
            int i = some.pieces.length - 1;
            int j = others.pieces.length - 1;
            while (i >= 0 && j >= 0 && some.pieces[i] == others.pieces[j] && tail + some.pieces[i].length <= most) {
                tail += some.pieces[i].length;
                i--;
                j--;
            }
        }
        return tail;
    }

    int pieces() {
        return pieces.length;
    }

    private int startOf(int piece) {
        return piece == 0 ? 0 : ends[piece - 1];
    }

    private int pieceOf(int index) {
        int found = Arrays.binarySearch(ends, index + 1);
        return found < 0 ? -found - 1 : found;
    }

    @Override
    public int size() {
        return ends[ends.length - 1];
    }

    @Override
    @SuppressWarnings("unchecked")
    public E get(int index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException(index);
        }
        int piece = pieceOf(index);
        return (E) pieces[piece][index - startOf(piece)];
    }

    @Override
    public Iterator<E> iterator() {
        return new Iterator<>() {
            private int piece;
            private int place;

            @Override
            public boolean hasNext() {
                return piece < pieces.length;
            }

            @Override
            @SuppressWarnings("unchecked")
            public E next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                E element = (E) pieces[piece][place++];
                if (place == pieces[piece].length) {
                    piece++;
                    place = 0;
                }
                return element;
            }
        };
    }

    /// Collects elements, and ranges of other lists. Not thread-safe.
    public static final class Builder<E> {
        private final List<Object[]> pieces = new ArrayList<>();
        private Object[] open = new Object[8];
        private int filled;

        private Builder() {}

        public void add(E element) {
            if (filled == PIECE) {
                close();
            } else if (filled == open.length) {
                open = Arrays.copyOf(open, Math.min(2 * filled, PIECE));
            }
            open[filled++] = element;
        }

        /// Adds those of a list that stand in a range. Whole pieces of a list in pieces are not copied.
        public void addAll(List<? extends E> list, int from, int to) {
            if (!(list instanceof PersistentList<? extends E> inPieces)) {
                for (int i = from; i < to; i++) {
                    add(list.get(i));
                }
                return;
            }
            int at = from;
            for (int i = inPieces.pieceOf(from); at < to; i++) {
                addAll(
                        inPieces.pieces[i],
                        at - inPieces.startOf(i),
                        Math.min(to, inPieces.ends[i]) - inPieces.startOf(i));
                at = inPieces.ends[i];
            }
        }

        @SuppressWarnings("unchecked")
        private void addAll(Object[] piece, int from, int to) {
            if (to - from == piece.length && (filled == 0 || filled + piece.length > PIECE)) {
                close();
                push(piece);
                return;
            }
            for (int i = from; i < to; i++) {
                add((E) piece[i]);
            }
        }

        private void close() {
            if (filled > 0) {
                push(Arrays.copyOf(open, filled));
                filled = 0;
            }
        }

        private void push(Object[] piece) {
            Object[] last = pieces.isEmpty() ? piece : pieces.getLast();
            if (pieces.isEmpty() || last.length + piece.length > PIECE) {
                pieces.add(piece);
                return;
            }
            Object[] both = Arrays.copyOf(last, last.length + piece.length);
            System.arraycopy(piece, 0, both, last.length, piece.length);
            pieces.set(pieces.size() - 1, both);
        }

        @SuppressWarnings("unchecked")
        public List<E> build() {
            if (pieces.isEmpty()) {
                return (List<E>) List.of(Arrays.copyOf(open, filled));
            }
            close();
            return pieces.size() == 1
                    ? (List<E>) List.of(pieces.getFirst())
                    : new PersistentList<>(pieces.toArray(Object[][]::new));
        }
    }
}
