package io.sallyport.egress;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.egress.EgressKey.Outcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What mesh clients used, learned and were denied: the figures behind [EgressMetrics], `GET /egress` and
/// `sallyport egress`.
///
/// Counting a request is a look-up in the event loop's own table and a few writes to memory that nobody else writes.
public final class EgressUsage implements RequestObserver {
    /// Hosts that learning tells apart.
    public static final int MOST_LEARNED = 10_000;

    /// Entries of the list, and of lists before it, that are told apart.
    private static final int MOST_LISTED = 100_000;

    private static final Comparator<EgressUse> BY_HOST =
            Comparator.comparing(EgressUse::host).thenComparing(EgressUse::port).thenComparing(EgressUse::how);

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Clock clock;
    private final EgressCounts counts;
    private final FastThreadLocal<LoopEgressCounts> loops;
    private volatile long sinceMillis;

    /// @param mostDenied denied hosts, ports and reasons that are told apart
    public EgressUsage(Clock clock, int mostDenied) {
        this.clock = clock;
        sinceMillis = clock.millis();
        counts = new EgressCounts(
                Map.of(Outcome.LISTED, MOST_LISTED, Outcome.UNLISTED, MOST_LEARNED, Outcome.DENIED, mostDenied));
        loops = new FastThreadLocal<>() {
            @Override
            protected LoopEgressCounts initialValue() {
                return new LoopEgressCounts(counts);
            }
        };
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        ended(facts);
        if (facts.tunnel) {
            closed(facts);
        }
    }

    private void ended(RequestFacts facts) {
        Outcome outcome = Outcome.of(facts);
        if (outcome != null) {
            long end = facts.startMillis + facts.durationNanos / NANOS_PER_MILLI;
            EgressCount.ended(loops.get().cells(outcome, facts), facts.startMillis, end);
        }
    }

    @Override
    public void onTunnelStart(RequestFacts facts) {
        onConnectionStart(facts);
    }

    @Override
    public void onConnectionStart(RequestFacts facts) {
        Outcome outcome = Outcome.ofLetOut(facts);
        if (outcome != null) {
            EgressCount.opened(loops.get().cells(outcome, facts), facts.startMillis);
        }
    }

    @Override
    public void onConnectionEnd(RequestFacts facts) {
        ended(facts);
        // Only connections with an endpoint were counted at their start.
        if (facts.endpoint.address() != null) {
            closed(facts);
        }
    }

    private void closed(RequestFacts facts) {
        Outcome outcome = Outcome.ofLetOut(facts);
        if (outcome != null) {
            EgressCount.closed(loops.get().cells(outcome, facts));
        }
    }

    /// Since when uses are known, milliseconds since 1970.
    public long sinceMillis() {
        return sinceMillis;
    }

    /// Adds what was known before the process began.
    ///
    /// @param since since when
    /// @param listed as [#listed] returned it
    /// @param learned as [#learned] returned it
    public void remember(long since, Collection<EgressUse> listed, Collection<EgressUse> learned) {
        sinceMillis = Math.min(sinceMillis, since);
        listed.forEach(use -> remember(Outcome.LISTED, use));
        learned.forEach(use -> remember(Outcome.UNLISTED, use));
    }

    private void remember(Outcome outcome, EgressUse use) {
        counts.of(new EgressKey(outcome, use.permit(), use.host(), use.port(), use.how()))
                .remember(use);
    }

    /// Uses of entries that let something out; entries that a reload has taken away are still there.
    public List<EgressUse> listed() {
        return uses(counts.all(Outcome.LISTED).stream());
    }

    /// Hosts that were let out although nothing lists them.
    public List<EgressUse> learned() {
        return uses(counts.all(Outcome.UNLISTED).stream());
    }

    /// Requests for hosts that came after the last one that learning tells apart.
    public long notLearned() {
        return counts.overflow(Outcome.UNLISTED).stream()
                .mapToLong(EgressCount::requests)
                .sum();
    }

    /// What was denied, and why; `overflow` last.
    public List<EgressUse> denied() {
        return Stream.concat(
                        uses(counts.all(Outcome.DENIED).stream()).stream(),
                        uses(counts.overflow(Outcome.DENIED).stream()).stream())
                .toList();
    }

    private List<EgressUse> uses(Stream<EgressCount> of) {
        long now = clock.millis();
        return of.map(count -> count.use(now)).sorted(BY_HOST).toList();
    }

    long nowMillis() {
        return clock.millis();
    }

    /// Counts since the process began, for metrics.
    EgressCounts counts() {
        return counts;
    }
}
