package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.reload.ResourceState.State;
import io.sallyport.reload.ServedVersion.First;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The resources of the generation that is served, and what has become of those with errors. One thread writes, any may
/// read.
public final class ServedResources {
    private static final Comparator<ResourceState> BY_PLACE =
            Comparator.comparing(ResourceState::file).thenComparing(ResourceState::line);

    /// What one generation serves.
    ///
    /// @param order of the files
    /// @param files each with the generation that first served its content
    /// @param versions of each resource by id; null where they are just what the files have
    /// @param faults the resources that are held or left out
    /// @param lost see [Selection#leftOut]
    /// @param missed see [Selection#missed]
    /// @param faulty the resources that are held or left out
    private record Generation(
            List<FileResources> order,
            PersistentMap<FileResources, First> files,
            @Nullable PersistentMap<String, ServedVersion> versions,
            List<ResourceState> faults,
            List<Choice> lost,
            Set<String> missed,
            List<ResourceMeta> faulty) {

        PersistentMap<String, ServedVersion> byId() {
            PersistentMap<String, ServedVersion> byId = versions;
            if (byId == null) {
                byId = PersistentMap.empty();
                for (ServedVersion version : all()) {
                    byId = byId.with(version.item().id(), version);
                }
            }
            return byId;
        }

        /// Each resource's, in no certain order.
        Collection<ServedVersion> all() {
            if (versions != null) {
                return versions.values();
            }
            List<ServedVersion> all = new ArrayList<>();
            for (FileResources file : order) {
                First first = Objects.requireNonNull(files.get(file));
                file.items().forEach(item -> all.add(new ServedVersion(file, item, first)));
            }
            return all;
        }

        int served() {
            return versions == null
                    ? files.keySet().stream()
                            .mapToInt(file -> file.items().size())
                            .sum()
                    : versions.size() - count(State.HELD);
        }

        int count(State state) {
            return (int) faults.stream().filter(fault -> fault.state() == state).count();
        }
    }

    private final @Nullable StateDirectory state;
    private volatile Generation current;

    /// @param state where to keep what is served; null where it is not kept
    ServedResources(@Nullable StateDirectory state) {
        this.state = state;
        StateDirectory.Served before = state == null ? StateDirectory.Served.NOTHING : state.read();
        PersistentMap<String, ServedVersion> versions = PersistentMap.empty();
        for (Map.Entry<String, ServedVersion> version : before.versions().entrySet()) {
            versions = versions.with(version.getKey(), version.getValue());
        }
        current = new Generation(
                List.of(), PersistentMap.emptyByIdentity(), versions, List.of(), List.of(), before.missed(), List.of());
    }

    /// What was served last, by id.
    Map<String, ServedVersion> versions() {
        return current.byId();
    }

    /// See [Selection#leftOut].
    List<Choice> lost() {
        return current.lost();
    }

    /// See [Selection#missed].
    Set<String> missed() {
        return current.missed();
    }

    /// A new generation is served.
    ///
    /// @param selection null where every resource of the files is served
    void applied(List<FileResources> files, @Nullable Selection selection, long generation, Instant at) {
        Generation before = current;
        ListDifference<FileResources> difference = ListDifference.between(before.order(), files);
        PersistentMap<FileResources, First> first = first(before, difference, new First(generation, at, false));
        if (selection == null) {
            current = new Generation(files, first, null, List.of(), List.of(), Set.of(), List.of());
        } else {
            List<ResourceMeta> faulty = selection.choices().stream()
                    .filter(choice -> choice.state() != State.SERVED)
                    .map(Choice::meta)
                    .toList();
            current = new Generation(
                    files,
                    first,
                    versions(before, difference, faulty, selection, first),
                    faults(selection, before.faults(), at),
                    selection.leftOut().toList(),
                    selection.missed(),
                    faulty);
        }
        if (state != null) {
            state.write(current.all(), current.missed());
        }
    }

    private static PersistentMap<FileResources, First> first(
            Generation before, ListDifference<FileResources> difference, First now) {
        PersistentMap<FileResources, First> first = before.files();
        for (FileResources gone : difference.removed()) {
            first = first.without(gone);
        }
        for (FileResources fresh : difference.added()) {
            first = first.with(fresh, now);
        }
        return first;
    }

    /// Those before, but of the resources whose file has changed, and of those that are or were held or left out.
    /// What a process before this one served is looked at as a whole.
    private static PersistentMap<String, ServedVersion> versions(
            Generation before,
            ListDifference<FileResources> files,
            List<ResourceMeta> faulty,
            Selection selection,
            Map<FileResources, First> first) {
        PersistentMap<String, ServedVersion> versions =
                before.order().isEmpty() ? PersistentMap.empty() : before.byId();
        Stream<ResourceMeta> ofFiles = Stream.concat(files.removed().stream(), files.added().stream())
                .flatMap(file -> file.items().stream())
                .map(Item::meta);
        List<ResourceMeta> changed = Stream.of(ofFiles, before.faulty().stream(), faulty.stream())
                .flatMap(each -> each)
                .toList();
        for (ResourceMeta meta : changed) {
            Choice choice = selection.choice(meta);
            ServedVersion version = choice == null ? null : version(choice, first);
            versions = version == null ? versions.without(meta.id()) : versions.with(meta.id(), version);
        }
        return versions;
    }

    private static @Nullable ServedVersion version(Choice choice, Map<FileResources, First> first) {
        if (choice.isLeftOut()) {
            return null;
        }
        First ofFile = first.get(choice.file());
        ServedVersion last = choice.last();
        if (ofFile == null) {
            return last;
        }
        // What the file still has is served by this process itself.
        boolean restored = last != null && last.first().restored() && choice.state() == State.SERVED;
        if (last == null || restored || !choice.isAsServed()) {
            return new ServedVersion(choice.file(), choice.written(), ofFile);
        }
        return choice.state() == State.SERVED ? last.as(choice.written()) : last;
    }

    static List<ResourceState> faults(Selection selection, List<ResourceState> before, Instant at) {
        List<ResourceState> faults = new ArrayList<>();
        for (Choice choice : selection.choices()) {
            if (choice.state() != State.SERVED) {
                faults.add(fault(choice, at));
            }
        }
        selection.duplicates().forEach(choice -> faults.add(fault(choice, at)));
        for (Selection.Illegible file : selection.illegible()) {
            String because = file.because().toString();
            faults.add(
                    new ResourceState("File", "", file.name(), file.name(), 0, State.LEFT_OUT, at, because, 0, false));
        }
        Map<String, ResourceState> known = new HashMap<>();
        before.forEach(state -> known.put(state.key(), state));
        return faults.stream()
                .sorted(BY_PLACE)
                .map(state -> state.since(known.getOrDefault(state.key(), state).since()))
                .toList();
    }

    private static ResourceState fault(Choice choice, Instant at) {
        ServedVersion last = choice.state() == State.HELD ? choice.last() : null;
        String because = Objects.requireNonNull(choice.because()).toString();
        return state(choice.meta(), choice.state(), at, because, last == null ? null : last.first());
    }

    private static ResourceState state(
            ResourceMeta meta, State state, Instant since, @Nullable String because, @Nullable First first) {
        return new ResourceState(
                meta.kind().istioName(),
                meta.namespace(),
                meta.name(),
                meta.at().file(),
                meta.at().line(),
                state,
                since,
                because,
                first == null ? 0 : first.generation(),
                first != null && first.restored());
    }

    /// The resources of which another version than their file's counts, or none.
    public List<ResourceState> faults() {
        return current.faults();
    }

    /// Every resource, by file and line.
    public List<ResourceState> all() {
        Generation now = current;
        Map<String, ServedVersion> served = new HashMap<>(now.byId());
        now.faults().stream().filter(fault -> fault.state() == State.HELD).forEach(fault -> served.remove(fault.id()));
        List<ResourceState> all = new ArrayList<>(now.faults());
        served.values()
                .forEach(version -> all.add(state(
                        version.item().meta(), State.SERVED, version.first().at(), null, version.first())));
        all.sort(BY_PLACE);
        return all;
    }

    /// What depends on each resource that is held or left out, by its id; see [Dependents].
    public Map<String, List<String>> dependents(HostResolution hosts) {
        Generation now = current;
        if (now.faults().isEmpty()) {
            return Map.of();
        }
        Map<String, ServedVersion> served = now.byId();
        Map<String, Item> items = new HashMap<>();
        served.forEach((id, version) -> items.put(id, version.item()));
        Dependents dependents =
                new Dependents(items.values().stream().map(Item::resource).filter(Objects::nonNull), hosts);
        now.lost().forEach(choice -> items.put(choice.id(), choice.written()));
        Map<String, List<String>> all = new HashMap<>();
        for (ResourceState fault : now.faults()) {
            Item item = items.get(fault.id());
            all.put(fault.id(), dependents.of(fault.id(), item == null ? null : item.resource()));
        }
        return all;
    }

    /// How many resources there are in each state.
    public Map<State, Integer> counts() {
        Generation now = current;
        Map<State, Integer> counts = new EnumMap<>(State.class);
        counts.put(State.SERVED, now.served());
        counts.put(State.HELD, now.count(State.HELD));
        counts.put(State.LEFT_OUT, now.count(State.LEFT_OUT));
        return counts;
    }
}
