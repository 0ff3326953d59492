package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether traffic may be sent to a host at all, and what to say when it may not.
final class KnownHosts {
    private final AnalysisContext context;
    private @Nullable List<String> names;

    KnownHosts(AnalysisContext context) {
        this.context = context;
    }

    /// A ServiceEntry names the host, or it is the cluster's DNS that knows.
    boolean contains(String fullName) {
        ConfigurationIndex index = context.index();
        return index.serviceEntries().find(fullName) != null || index.hosts().isInCluster(fullName);
    }

    /// What to do about an unknown host.
    @Nullable
    String hint(String fullName) {
        ConfigurationIndex index = context.index();
        ServiceEntry hidden = index.serviceEntries().findHidden(fullName);
        if (hidden != null) {
            return hidden.meta() + " names it, but is not exported to namespace "
                    + Quote.of(index.scope().namespace());
        }
        String completed = index.hosts().completed(fullName);
        String otherwise = completed == null
                ? "add a ServiceEntry for it"
                : "add a ServiceEntry for it, or write " + Quote.of(completed) + " for the mesh service";
        return context.didYouMean(fullName, names(), otherwise);
    }

    private List<String> names() {
        if (names == null) {
            names = new ArrayList<>();
            context.index().serviceEntries().hosts().forEach(names::add);
        }
        return names;
    }
}
