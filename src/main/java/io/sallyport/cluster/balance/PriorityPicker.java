package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Sends requests to the first priority that is healthy enough, and what it is too unhealthy for to the next ones
/// (Envoy, "Priority levels").
///
/// A level's health is the part of its endpoints that are well, times an overprovisioning factor of 1.4, at most 1. In
/// order, each level takes its health's part of the traffic until all is taken; where they sum to less than 1, each
/// takes its part of the sum. Where all levels are in panic, each takes the part that its endpoints are of all.
final class PriorityPicker implements EndpointPicker {
    /// How often a level is drawn anew where an endpoint was picked that was tried before (Envoy:
    /// `host_selection_retry_max_attempts`, which Istio sets to 5).
    private static final int REDRAWS = 5;

    /// The whole traffic.
    private static final long FULL = 1_000_000;

    private final EndpointSet[] levels;
    private final EndpointPicker[] pickers;
    private final @Nullable HashKey key;

    /// @param levels in the order of priority, none empty
    /// @param pickers one a level
    /// @param key decides for a level; null where that is drawn by lot
    PriorityPicker(List<EndpointSet> levels, List<EndpointPicker> pickers, @Nullable HashKey key) {
        this.levels = levels.toArray(new EndpointSet[0]);
        this.pickers = pickers.toArray(new EndpointPicker[0]);
        this.key = key;
    }

    @Override
    public @Nullable Endpoint pick(RequestContext context) {
        Endpoint picked = null;
        for (int i = 0; i < REDRAWS; i++) {
            EndpointPicker level = level(context);
            picked = level == null ? null : level.pick(context);
            if (picked == null || key != null || !context.excludes(picked)) {
                return picked;
            }
        }
        return picked;
    }

    /// Null where no level has an available endpoint.
    private @Nullable EndpointPicker level(RequestContext context) {
        boolean leaving = context.leavesTriedPriorities();
        boolean panic = false;
        long total = total(context, leaving, false);
        if (total < FULL && isPanic()) {
            panic = true;
            total = total(context, leaving, true);
        }
        if (total == 0 && leaving) {
            leaving = false;
            total = total(context, false, panic);
        }
        if (total == 0) {
            return null;
        }
        long point = point(context, Math.min(total, FULL));
        int last = 0;
        for (int i = 0; i < levels.length && point >= 0; i++) {
            long share = share(levels[i], context, leaving, panic);
            last = share > 0 ? i : last;
            point -= share;
        }
        return pickers[last];
    }

    private boolean isPanic() {
        for (EndpointSet level : levels) {
            if (!level.isInPanic()) {
                return false;
            }
        }
        return true;
    }

    /// 0 to below the bound.
    private long point(RequestContext context, long bound) {
        return key == null
                ? ThreadLocalRandom.current().nextLong(bound)
                : Math.unsignedMultiplyHigh(HashPicker.hash(key, context), bound);
    }

    private long total(RequestContext context, boolean leaving, boolean panic) {
        long total = 0;
        for (EndpointSet level : levels) {
            total += share(level, context, leaving, panic);
        }
        return total;
    }

    /// @param leaving only levels with an endpoint that the request has not tried have one
    /// @param panic by the number of endpoints (Envoy, `LoadBalancerBase::recalculateLoadInTotalPanic`)
    private static long share(EndpointSet level, RequestContext context, boolean leaving, boolean panic) {
        if (leaving && !level.hasEligible(context)) {
            return 0;
        }
        return panic ? level.size() : level.health(FULL);
    }
}
