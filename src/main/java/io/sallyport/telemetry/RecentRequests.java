package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The last requests and connections that have ended.
///
/// An event loop puts the facts that it has anyway into a ring of its own, which nobody else writes: a few stores,
/// without a queue or a thread to wake. All else is done by whoever asks.
public final class RecentRequests implements RequestObserver {
    /// Of the texts that one event loop keeps, characters.
    private static final long MOST_WEIGHT = 1 << 20;
    private static final Comparator<RequestFacts> BY_END =
            Comparator.comparingLong(facts -> facts.startNanos + facts.durationNanos);

    private final int most;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<Loop> loop;

    /// @param most that are shown
    public RecentRequests(int most) {
        this.most = most;
        loop = new FastThreadLocal<>() {
            @Override
            protected Loop initialValue() {
                var made = new Loop();
                loops.add(made);
                return made;
            }
        };
    }

    /// What one event loop keeps. It alone writes.
    private final class Loop {
        private final AtomicReferenceArray<@Nullable RequestFacts> slots = new AtomicReferenceArray<>(most);
        private final int[] weights = new int[most];
        private int next;
        private long weight;

        void keep(RequestFacts facts) {
            int own = facts.weight();
            weight += own - weights[next];
            weights[next] = own;
            slots.setRelease(next, facts);
            next = next + 1 == most ? 0 : next + 1;
            if (weight > MOST_WEIGHT) {
                lighten();
            }
        }

        /// Forgets the oldest; what is too heavy alone goes, too.
        private void lighten() {
            int oldest = next;
            while (weight > MOST_WEIGHT) {
                weight -= weights[oldest];
                weights[oldest] = 0;
                slots.setOpaque(oldest, null);
                oldest = oldest + 1 == most ? 0 : oldest + 1;
            }
        }
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        loop.get().keep(facts);
    }

    /// The newest first.
    public List<RequestFacts> latest() {
        List<RequestFacts> all = new ArrayList<>();
        for (Loop each : loops) {
            for (int slot = 0; slot < most; slot++) {
                RequestFacts facts = each.slots.getAcquire(slot);
                if (facts != null) {
                    all.add(facts);
                }
            }
        }
        all.sort(BY_END.reversed());
        return all.subList(0, Math.min(most, all.size()));
    }
}
