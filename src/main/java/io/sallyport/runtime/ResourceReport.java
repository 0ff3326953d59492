package io.sallyport.runtime;

import io.sallyport.config.index.HostResolution;
import io.sallyport.reload.Reloader;
import io.sallyport.reload.ResourceState;
import io.sallyport.reload.ServedResources;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What has become of the resources of a configuration, for the log and the admin API.
final class ResourceReport {
    private static final int SHOWN = 100;

    /// As of the last call of [#changes].
    private Map<String, ResourceState> known = Map.of();

    /// A line for each resource that has come to be held or left out, or is not any more.
    List<String> changes(Collection<ResourceState> faults) {
        Map<String, ResourceState> before = known;
        Map<String, ResourceState> now = new HashMap<>();
        faults.forEach(fault -> now.put(key(fault), fault));
        known = now;
        List<String> lines = new ArrayList<>();
        faults.stream()
                .filter(fault -> !before.containsKey(key(fault)))
                .map(ResourceState::words)
                .forEach(lines::add);
        Set<String> faulty = faults.stream().map(ResourceState::id).collect(Collectors.toUnmodifiableSet());
        before.values().stream()
                .filter(fault -> !faulty.contains(fault.id()))
                .map(fault -> fault.shown() + " is not " + fault.state().words() + " any more")
                .sorted()
                .forEach(lines::add);
        return lines;
    }

    private static String key(ResourceState fault) {
        return fault.id() + ' ' + fault.state() + ' ' + fault.generation() + ' ' + fault.because();
    }

    /// @param faultsOnly without those that are served as their files have them
    /// @param hosts to tell what depends on what
    /// @param last what came of the last reading; null before the first
    static JsonObject json(
            ServedResources resources,
            boolean faultsOnly,
            HostResolution hosts,
            long generation,
            Reloader.@Nullable Outcome last) {
        Map<String, List<String>> dependents = resources.dependents(hosts);
        JsonArray rows = new JsonArray();
        for (ResourceState state : faultsOnly ? resources.faults() : resources.all()) {
            rows.add(json(state, dependents.getOrDefault(state.id(), List.of())));
        }
        return new JsonObject()
                .put("generation", generation)
                .put("resources", rows)
                .put("problems", last == null ? new JsonArray() : ProblemReport.json(last.problems()));
    }

    private static JsonObject json(ResourceState state, List<String> dependents) {
        return new JsonObject()
                .put("kind", state.kind())
                .put("namespace", state.namespace())
                .put("name", state.name())
                .put("file", state.file())
                .put("line", state.line())
                .put("state", state.state().label())
                .put("since", state.since().toString())
                .put("because", state.because())
                .put("generation", state.generation())
                .put("restored", state.restored())
                .put("dependents", new JsonArray(dependents));
    }

    /// A line for each of the first that are held or left out.
    static JsonArray faults(ServedResources resources) {
        JsonArray lines = new JsonArray();
        resources.faults().stream().limit(SHOWN).map(ResourceState::words).forEach(lines::add);
        return lines;
    }

    /// How many resources there are in each state.
    static JsonObject counts(ServedResources resources) {
        JsonObject counts = new JsonObject();
        resources.counts().forEach((state, count) -> counts.put(state.label(), count));
        return counts;
    }
}
