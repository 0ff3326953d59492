package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostResolution.MeshService;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Suggestion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether traffic may be sent to a host at all, and what to say when it may not.
final class KnownHosts {
    private final AnalysisContext context;
    private @Nullable List<String> names;
    private @Nullable Set<String> routed;

    KnownHosts(AnalysisContext context) {
        this.context = context;
    }

    /// A ServiceEntry names the host, or it is the cluster's DNS that knows.
    boolean contains(String fullName) {
        ConfigurationIndex index = context.index();
        return index.serviceEntries().find(fullName) != null || index.hosts().isInCluster(fullName);
    }

    /// The service of the same namespace that was most likely meant by a name that no route and no ServiceEntry
    /// uses, or null. Only the cluster knows which services exist, but one that routes lead to most likely does.
    @Nullable
    String slipOf(String fullName) {
        ConfigurationIndex index = context.index();
        MeshService service = index.hosts().meshService(fullName);
        if (service == null || index.serviceEntries().find(fullName) != null) {
            return null;
        }
        Set<String> routed = routed();
        if (routed.contains(fullName) || !context.mayCompareNames(routed.size())) {
            return null;
        }
        List<String> names = routed.stream()
                .map(index.hosts()::meshService)
                .filter(other -> other != null && other.namespace().equals(service.namespace()))
                .map(MeshService::name)
                .toList();
        String nearest = Suggestion.nearest(service.name(), names);
        // Numbered services differ in nothing else.
        boolean numbered = nearest != null && letters(nearest).equals(letters(service.name()));
        return nearest == null || numbered ? null : index.hosts().serviceName(nearest, service.namespace());
    }

    private static String letters(String name) {
        return name.replaceAll("[0-9]", "");
    }

    /// Whether anything depended on where routes lead.
    boolean hasLookedAtRoutes() {
        return routed != null;
    }

    private Set<String> routed() {
        if (routed == null) {
            Set<String> found = new HashSet<>();
            for (VirtualService each : context.index().configuration().virtualServices()) {
                String namespace = each.meta().namespace();
                DestinationWalk.forEach(
                        each,
                        (destination, _) ->
                                found.add(context.index().hosts().fullyQualified(destination.host(), namespace)));
            }
            routed = found;
        }
        return routed;
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
