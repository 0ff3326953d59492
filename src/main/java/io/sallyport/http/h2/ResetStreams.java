package io.sallyport.http.h2;

/// The streams that were reset last. What a peer had sent on them before it knew is to be ignored, but the codec forgets
/// a stream with its reset and would call such frames a violation.
final class ResetStreams {
    private static final int REMEMBERED = 64;

    private final int[] ids = new int[REMEMBERED];
    private int next;

    void add(int id) {
        ids[next] = id;
        next = (next + 1) % REMEMBERED;
    }

    boolean contains(int id) {
        for (int reset : ids) {
            if (reset == id) {
                return true;
            }
        }
        return false;
    }
}
