package io.sallyport.egress;

import io.sallyport.telemetry.Series;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// What is counted under one key: cells for each event loop, which alone writes them, and what was known before the
/// process began.
final class EgressCount {
    private static final int REQUESTS = 0;
    private static final int OPEN = 1;
    private static final int FIRST = 2;
    private static final int LAST = 3;
    private static final int CELLS = 4;

    final EgressKey key;
    private final List<AtomicLongArray> perLoop = new CopyOnWriteArrayList<>();
    private volatile EgressUse before;
    private volatile @Nullable String asked;

    EgressCount(EgressKey key) {
        this.key = key;
        before = use(0, 0, 0, false);
    }

    /// Cells for one more event loop.
    AtomicLongArray cells() {
        var cells = new AtomicLongArray(CELLS);
        perLoop.add(cells);
        return cells;
    }

    /// What was asked for is denied, and has not been counted before.
    ///
    /// @param protocol of the request for it
    void deniedFirst(@Nullable String protocol) {
        asked = protocol;
    }

    /// Adds to what was known before.
    void remember(EgressUse use) {
        before = merged(before, use.requests(), use.firstMillis(), use.lastMillis(), false);
    }

    /// Counts a request that has ended; on the event loop of the cells.
    static void ended(AtomicLongArray cells, long beginMillis, long endMillis) {
        Series.add(cells, REQUESTS, 1);
        begun(cells, beginMillis);
        if (endMillis > cells.getPlain(LAST)) {
            cells.setOpaque(LAST, endMillis);
        }
    }

    private static void begun(AtomicLongArray cells, long millis) {
        if (cells.getPlain(FIRST) == 0) {
            cells.setOpaque(FIRST, millis);
        }
    }

    /// A connection has been let out, and may stay for days.
    static void opened(AtomicLongArray cells, long millis) {
        Series.add(cells, OPEN, 1);
        begun(cells, millis);
    }

    static void closed(AtomicLongArray cells) {
        Series.add(cells, OPEN, -1);
    }

    /// Requests since the process began.
    long requests() {
        long requests = 0;
        for (AtomicLongArray cells : perLoop) {
            requests += cells.getOpaque(REQUESTS);
        }
        return requests;
    }

    /// Whether anything was counted later than that, or a connection is open.
    boolean isUsedSince(long millis) {
        for (AtomicLongArray cells : perLoop) {
            if (cells.getOpaque(OPEN) > 0 || cells.getOpaque(LAST) > millis) {
                return true;
            }
        }
        return false;
    }

    /// All that is known.
    ///
    /// @param now what the last use of a connection that is still open is taken for
    EgressUse use(long now) {
        EgressUse use = before;
        for (AtomicLongArray cells : perLoop) {
            boolean open = cells.getOpaque(OPEN) > 0;
            long last = open ? now : cells.getOpaque(LAST);
            use = merged(use, cells.getOpaque(REQUESTS), cells.getOpaque(FIRST), last, open);
        }
        return use;
    }

    private EgressUse merged(EgressUse one, long requests, long first, long last, boolean open) {
        return use(
                one.requests() + requests,
                one.firstMillis() == 0 || first == 0
                        ? Math.max(one.firstMillis(), first)
                        : Math.min(one.firstMillis(), first),
                Math.max(one.lastMillis(), last),
                one.open() || open);
    }

    private EgressUse use(long requests, long first, long last, boolean open) {
        return new EgressUse(key.permit(), key.host(), key.port(), key.how(), requests, first, last, open, asked);
    }
}
