package io.sallyport.runtime;

import io.sallyport.admin.Listing;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.egress.EgressDenial;
import io.sallyport.egress.EgressPermit;
import io.sallyport.egress.EgressRequest;
import io.sallyport.egress.EgressUsage;
import io.sallyport.egress.EgressUse;
import io.sallyport.explain.egress.EgressEntries;
import io.sallyport.explain.egress.EgressEntry;
import io.sallyport.explain.egress.EgressReport;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The egress list and what was denied, page by page: `/egress` has all at once, which may be a lot to ask for every
/// other second.
final class EgressListings {
    private record Shown(Snapshot of, @Nullable MeshRoutes routes, List<EgressEntry> entries) {}

    private final EgressUsage usage;
    private volatile @Nullable Shown shown;

    EgressListings(EgressUsage usage) {
        this.usage = usage;
    }

    /// @param plan made only where the generation is another than last time
    Listing<?> entries(Snapshot current, Supplier<SnapshotPlan> plan) {
        List<EgressEntry> entries = shown(current, plan).entries;
        return EgressReport.listing(entries, usage);
    }

    /// What was denied last comes first, each with a ServiceEntry that would allow it, where one alone would.
    Listing<?> denied(Snapshot current, Supplier<SnapshotPlan> plan) {
        MeshRoutes routes = shown(current, plan).routes;
        List<EgressUse> denied = usage.denied().stream()
                .sorted(Comparator.comparingLong(EgressUse::lastMillis).reversed())
                .toList();
        return new Listing<>(
                denied, use -> use.host() + ':' + use.port() + ' ' + use.how(), use -> EgressReport.denied(use)
                        .put("suggestion", routes == null ? null : suggestion(use, routes)));
    }

    private static @Nullable String suggestion(EgressUse use, MeshRoutes routes) {
        if (use.asked() == null) {
            return null;
        }
        var request = new EgressRequest(use.host(), use.port(), EgressPermit.Kind.valueOf(use.asked()), null, null);
        return EgressDenial.of(request, routes.list()).suggestion();
    }

    private Shown shown(Snapshot current, Supplier<SnapshotPlan> plan) {
        Shown last = shown;
        if (last == null || last.of != current) {
            SnapshotPlan made = plan.get();
            last = new Shown(current, EgressEntries.routes(made), EgressEntries.of(made));
            shown = last;
        }
        return last;
    }
}
