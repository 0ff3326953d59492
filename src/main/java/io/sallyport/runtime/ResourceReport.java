package io.sallyport.runtime;

import io.sallyport.reload.Reloader;
import io.sallyport.reload.ResourceState;
import io.sallyport.reload.ResourceState.State;
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
                .map(ResourceReport::line)
                .forEach(lines::add);
        Set<String> faulty = faults.stream().map(ResourceState::id).collect(Collectors.toUnmodifiableSet());
        before.values().stream()
                .filter(fault -> !faulty.contains(fault.id()))
                .map(fault -> fault.id() + " is not " + fault.state().words() + " any more")
                .sorted()
                .forEach(lines::add);
        return lines;
    }

    private static String key(ResourceState fault) {
        return fault.id() + ' ' + fault.state() + ' ' + fault.generation() + ' ' + fault.because();
    }

    private static String line(ResourceState fault) {
        String what = fault.state() == State.HELD
                ? " is held at its version of generation " + fault.generation()
                        + (fault.restored() ? " before the restart" : "")
                : " is left out";
        return fault.id() + what + ": " + fault.because();
    }

    /// @param last what came of the last reading; null before the first
    static JsonObject json(ServedResources resources, long generation, Reloader.@Nullable Outcome last) {
        JsonArray rows = new JsonArray();
        resources.all().forEach(state -> rows.add(json(state)));
        return new JsonObject()
                .put("generation", generation)
                .put("resources", rows)
                .put("problems", last == null ? new JsonArray() : ProblemReport.json(last.problems()));
    }

    private static JsonObject json(ResourceState state) {
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
                .put("restored", state.restored());
    }

    /// A line for each of the first that are held or left out.
    static JsonArray faults(ServedResources resources) {
        JsonArray lines = new JsonArray();
        resources.faults().stream().limit(SHOWN).map(ResourceReport::line).forEach(lines::add);
        return lines;
    }

    /// What is said of a VirtualService, `namespace/name`, of which an older version is served; null of any other.
    static @Nullable String held(ServedResources resources, String virtualService) {
        return resources.faults().stream()
                .filter(fault -> fault.state() == State.HELD
                        && fault.kind().equals("VirtualService")
                        && virtualService.equals(fault.namespace() + '/' + fault.name()))
                .map(ResourceReport::line)
                .findFirst()
                .orElse(null);
    }

    /// How many resources there are in each state.
    static JsonObject counts(ServedResources resources) {
        JsonObject counts = new JsonObject();
        resources.counts().forEach((state, count) -> counts.put(state.label(), count));
        return counts;
    }
}
