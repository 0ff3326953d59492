package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourcePositions;
import io.sallyport.config.index.DelegateMerger;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.reload.ResourceState.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which version of each resource of a configuration with errors counts, so that the rest can be served: a resource
/// with errors is held at the version that was served last, or else left out.
///
/// The errors that checks across resources find are passed to it until none is left. In each round at least one
/// resource falls back from the version in its file to the one before, or is left out. None ever comes back, so
/// that this ends.
///
/// It knows of the resources with errors, and of others only where it has to: each of these counts as its file has it.
public final class Selection {
    /// Errors that name what is not there, and the kind of that.
    private static final Map<ProblemCode, ResourceKind> MISSING = Map.of(
            ProblemCode.UNKNOWN_GATEWAY, ResourceKind.GATEWAY,
            ProblemCode.UNKNOWN_HOST, ResourceKind.SERVICE_ENTRY,
            ProblemCode.UNKNOWN_PORT, ResourceKind.SERVICE_ENTRY,
            ProblemCode.UNKNOWN_DELEGATE, ResourceKind.VIRTUAL_SERVICE);

    /// Stands before the name of a file.
    private static final String PROTECTING = "protecting ";

    /// A file of which nobody can say what it holds, and nothing of which was served.
    static final class Illegible {
        /// What a resource may be called, among other text.
        private static final Pattern WORD = Pattern.compile("[a-z0-9.-]++");

        private final String name;
        private final @Nullable FileResources file;
        private final Problem because;
        private final TextFindings findings;
        private @Nullable String text;
        private @Nullable Set<String> words;

        /// @param file null where it could not be opened
        Illegible(String name, @Nullable FileResources file, TextFindings findings, Problem because) {
            this.name = name;
            this.file = file;
            this.findings = findings;
            this.because = because;
        }

        String name() {
            return name;
        }

        @Nullable
        FileResources file() {
            return file;
        }

        /// Of all that is in it; null where that is not known.
        @Nullable
        String namespace() {
            return file == null ? null : file.source().namespace();
        }

        Problem because() {
            return because;
        }

        TextFindings findings() {
            return findings;
        }

        /// Whether a resource that is in no other file any more may have been moved into this one.
        boolean mayHold(ResourceMeta gone) {
            if (file == null) {
                return true;
            }
            if (text == null) {
                text = TextFindings.text(file);
            }
            return WORD.matcher(gone.name()).matches() ? words(text).contains(gone.name()) : text.contains(gone.name());
        }

        private Set<String> words(String text) {
            if (words == null) {
                words = WORD.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
            }
            return words;
        }
    }

    private final LoadResult loaded;
    private final Map<String, ServedVersion> last;
    private final FileErrors errors;
    /// Of resources with errors, and of those that were asked for.
    private final Map<String, Choice> choices = new LinkedHashMap<>();
    /// Those that define once more what another file defines.
    private final List<Choice> duplicates = new ArrayList<>();
    private final List<Illegible> illegible = new ArrayList<>();
    /// Errors between resources that cost one its version.
    private final Set<Problem> reasons = new LinkedHashSet<>();

    private final boolean first;
    private final Set<String> missed;
    /// Resources of files that can be read, without a choice.
    private int others;

    private boolean hopeless;

    /// @param texts of the files that cannot be read
    /// @param last what was served last, by id
    /// @param lost what was [#leftOut()] then
    /// @param missed what was [#missed()] then
    Selection(
            LoadResult loaded,
            Map<FileResources, TextFindings> texts,
            Map<String, ServedVersion> last,
            List<Choice> lost,
            Set<String> missed) {
        this.loaded = loaded;
        this.last = last;
        this.first = last.isEmpty();
        this.missed = missed;
        errors = new FileErrors(loaded.problems());
        chooseAll();
        List<Illegible> files = new ArrayList<>();
        for (FileResources file : loaded.files()) {
            if (!file.isLegible()) {
                TextFindings findings = Objects.requireNonNull(texts.get(file));
                files.add(new Illegible(file.name(), file, findings, errors.first(file.name())));
            }
        }
        for (Problem problem : loaded.problems()) {
            if (problem.code() == ProblemCode.FILE_UNREADABLE) {
                String name = problem.at().file();
                files.add(new Illegible(name, null, TextFindings.NONE, errors.first(name)));
            }
        }
        if (!files.isEmpty()) {
            hold(files, lost);
        }
    }

    private void chooseAll() {
        Set<Item> twins = Collections.newSetFromMap(new IdentityHashMap<>());
        twins.addAll(loaded.names().withTwins());
        for (FileResources file : loaded.files()) {
            if (file.isLegible()) {
                for (Item item : file.items()) {
                    others++;
                    if (!item.sound() || twins.contains(item)) {
                        choose(file, item);
                    }
                }
            }
        }
    }

    private void choose(FileResources file, Item item) {
        others--;
        Choice earlier = choices.get(item.id());
        Choice choice = new Choice(file, item, last.get(item.id()), errors.of(file, item));
        if (earlier != null) {
            Problem twice = errors.near(item.meta().at(), ProblemCode.DUPLICATE_RESOURCE);
            choice.leaveOut(twice);
            duplicates.add(choice);
            if (earlier.hasAlternative()) {
                earlier.demote(twice);
            }
            return;
        }
        choices.put(item.id(), choice);
        if (!item.sound()) {
            choice.demote(errors.near(item.meta().at(), null));
        }
    }

    /// What was served of files that nobody can read, or may be in them by now.
    private void hold(List<Illegible> files, List<Choice> lost) {
        Set<String> names = files.stream().map(Illegible::name).collect(Collectors.toSet());
        Map<String, List<ServedVersion>> byFile = last.values().stream()
                .filter(version -> names.contains(version.file().name()))
                .collect(Collectors.groupingBy(version -> version.file().name()));
        files.forEach(file -> hold(file, byFile.getOrDefault(file.name(), List.of()), lost));
        last.values().stream()
                .filter(version ->
                        !isThere(version.file()) && isUnknown(version.item().meta()))
                .forEach(version -> holdIfMoved(version, files, byFile));
    }

    /// Whether a file is what it was.
    @SuppressWarnings("ReferenceEquality") // It is the very object then.
    private boolean isThere(FileResources file) {
        return legible(file.name()) == file;
    }

    /// A resource that is gone from its file, or whose file is gone, may be in one that cannot be read.
    private void holdIfMoved(ServedVersion gone, List<Illegible> files, Map<String, List<ServedVersion>> byFile) {
        files.stream()
                // One that was opened before has not come by its name only now.
                .filter(file ->
                        file.mayHold(gone.item().meta()) && (file.file() != null || !byFile.containsKey(file.name())))
                .findFirst()
                .ifPresent(file -> choices.put(gone.item().id(), Choice.held(gone, file.because())));
    }

    /// Which version counts of the resource of that kind and name, or null where nobody knows of it.
    @Nullable
    Choice choice(ResourceKind kind, String namespace, String name) {
        Choice known = choices.get(ResourceMeta.id(kind, namespace, name));
        if (known != null) {
            return known;
        }
        for (Item item : loaded.names().find(kind, namespace, name)) {
            FileResources file = legible(item.meta().at().file());
            if (file != null) {
                choose(file, item);
                return choices.get(item.id());
            }
        }
        return null;
    }

    /// The same of the resource that is called so.
    @Nullable
    Choice choice(ResourceMeta meta) {
        return choice(meta.kind(), meta.namespace(), meta.name());
    }

    private boolean isUnknown(ResourceMeta meta) {
        return choice(meta) == null;
    }

    /// The file of that name, or null where there is none that can be read.
    private @Nullable FileResources legible(String name) {
        FileResources file = loaded.positions().file(name);
        return file != null && file.isLegible() ? file : null;
    }

    /// As the file was served last, whatever of it can be read: it may be half written.
    private void hold(Illegible illegible, List<ServedVersion> before, List<Choice> lost) {
        FileResources file = illegible.file();
        Problem because = illegible.because();
        for (ServedVersion version : before) {
            if (isUnknown(version.item().meta())) {
                choices.put(version.item().id(), Choice.held(version, because));
            }
        }
        if (file != null) {
            for (Item item : file.items()) {
                if (isUnknown(item.meta())) {
                    choices.putIfAbsent(item.id(), chosen(file, item, because));
                }
            }
        }
        // What was left out of the file is still, though nobody can read of it any more.
        lost.stream()
                .filter(choice -> choice.file().name().equals(illegible.name()) && illegible.mayHold(choice.meta()))
                .filter(choice -> isUnknown(choice.meta()))
                // One without a name has the id of others.
                .forEach(choice -> choices.putIfAbsent(choice.id(), choice.stillLeftOut(because)));
        boolean restored = before.stream().anyMatch(version -> version.first().restored());
        if (before.isEmpty() || (restored && missed.contains(PROTECTING + illegible.name()))) {
            this.illegible.add(illegible);
        }
    }

    /// Of a file whose rest cannot be read.
    private Choice chosen(FileResources file, Item item, Problem because) {
        ServedVersion moved = last.get(item.id());
        if (moved != null) {
            return Choice.held(moved, because);
        }
        Choice choice = new Choice(file, item, null, errors.of(file, item));
        choice.leaveOut(because);
        return choice;
    }

    /// Problems that the checks across resources have found of [#configuration()], at the fields that they concern.
    List<Problem> located(List<Problem> problems) {
        SourcePositions held = SourcePositions.of(choices.values().stream()
                .filter(choice -> choice.state() == State.HELD)
                .map(Choice::source)
                .toList());
        return problems.stream()
                .map(problem -> {
                    boolean isLoaded = loaded.positions().file(problem.at().file()) != null;
                    SourcePositions positions = isLoaded ? loaded.positions() : held;
                    return problem.moved(positions.of(problem.at(), problem.field()), problem.field());
                })
                .toList();
    }

    /// Takes account of problems of [#configuration()].
    ///
    /// @return whether another version counts of any resource now, so that all has to be checked again
    boolean accept(List<Problem> problems) {
        TreeMap<Position, Choice> held = new TreeMap<>();
        choices.values().stream()
                .filter(choice -> choice.state() == State.HELD)
                .forEach(choice -> held.put(at(choice), choice));
        Set<Choice> demoted = new HashSet<>();
        Problem unowned = null;
        for (Problem problem : problems) {
            Choice owner = problem.isError() ? owner(held, demoted, problem.at()) : null;
            if (owner == null && problem.code() == ProblemCode.NOT_COMPILED && isLeftOutAt(problem.at())) {
                // What stands in for it has what the gateway fails at, too, and is closed.
                continue;
            }
            if (owner == null) {
                unowned = problem.isError() ? problem : unowned;
                continue;
            }
            Choice culprit = culprit(owner, problem.other() == null ? null : owner(held, demoted, problem.other()));
            if (!demoted.contains(culprit) && !isTolerable(problem.code(), culprit)) {
                culprit.demote(problem);
                demoted.add(culprit);
                reasons.add(problem);
            }
        }
        if (unowned != null && demoted.isEmpty()) {
            demoteFile(unowned, demoted);
        }
        return !demoted.isEmpty();
    }

    /// An alias leads to where another resource stands that does not count any more.
    private void demoteFile(Problem problem, Set<Choice> demoted) {
        FileResources file = legible(problem.at().file());
        if (file != null) {
            // All of them have one then.
            file.items().forEach(item -> choice(item.meta()));
        }
        choices.values().stream()
                .filter(choice -> !choice.isLeftOut()
                        && choice.source().name().equals(problem.at().file()))
                .forEach(choice -> {
                    choice.demote(problem);
                    demoted.add(choice);
                });
        reasons.add(problem);
        hopeless |= demoted.isEmpty() || problem.code() == ProblemCode.TOO_MANY_PROBLEMS;
    }

    private boolean isLeftOutAt(Position at) {
        return choices.values().stream()
                .anyMatch(choice -> choice.isLeftOut() && choice.meta().at().equals(at));
    }

    private static Position at(Choice choice) {
        return Objects.requireNonNull(choice.resource()).meta().at();
    }

    /// Of the resources that counted when the problems were found, the last that begins at or before that place in
    /// its file.
    ///
    /// @param held the places of those that were held then
    /// @param demoted since then: further problems of these are no one else's
    private @Nullable Choice owner(TreeMap<Position, Choice> held, Set<Choice> demoted, Position at) {
        FileResources file = loaded.positions().file(at.file());
        if (file == null) {
            Map.Entry<Position, Choice> before = held.floorEntry(at);
            return before != null && before.getKey().file().equals(at.file()) ? before.getValue() : null;
        }
        for (Item item : file.isLegible() ? file.items().reversed() : List.<Item>of()) {
            if (item.meta().at().compareTo(at) <= 0) {
                Choice choice = choice(item.meta());
                if (choice != null
                        && choice.isOf(item)
                        && (choice.state() == State.SERVED || demoted.contains(choice))) {
                    return choice;
                }
            }
        }
        return null;
    }

    /// Who is new does not push out who was there.
    private static Choice culprit(Choice owner, @Nullable Choice other) {
        return other != null && other != owner && owner.isAsServed() && !other.isAsServed() ? other : owner;
    }

    /// Whether it is enough that what names a missing resource gets Istio's answer to that, and all else of it
    /// is served: the fault is another one's.
    private boolean isTolerable(ProblemCode code, Choice choice) {
        ResourceKind missing = MISSING.get(code);
        if (missing == null || choice.hasAlternative()) {
            return false;
        }
        if (choice.resource() instanceof VirtualService service && (isExposed(service) || lacksDelegate(service))) {
            return false;
        }
        return isLost(missing) || choice.state() == State.SERVED && choice.isAsServed();
    }

    private boolean isLost(ResourceKind kind) {
        return !illegible.isEmpty()
                || choices.values().stream().anyMatch(choice -> choice.isLeftOut() && choice.kind() == kind);
    }

    /// Whether other gateways would serve without a client certificate what a gateway that is lost has asked one for.
    private boolean isExposed(VirtualService service) {
        boolean served = false;
        boolean lost = false;
        for (String reference : service.gateways()) {
            String name = GatewayReference.resolve(reference, service.meta().namespace());
            Choice gateway = choice(ResourceKind.GATEWAY, name);
            if (name.equals(GatewayReference.MESH) || (gateway != null && !gateway.isLeftOut())) {
                served = true;
            } else {
                lost |= gateway == null ? !illegible.isEmpty() : mayAskForCertificates(gateway);
            }
        }
        return served && lost;
    }

    /// Whether requests would fall to a later route because the VirtualService that they are delegated to is not there.
    private boolean lacksDelegate(VirtualService root) {
        return root.http().stream()
                .map(HttpRoute::delegate)
                .filter(Objects::nonNull)
                .anyMatch(delegate ->
                        choice(ResourceKind.VIRTUAL_SERVICE, DelegateMerger.qualifiedName(delegate, root)) == null);
    }

    /// @param qualified `namespace/name`
    private @Nullable Choice choice(ResourceKind kind, String qualified) {
        int slash = qualified.indexOf('/');
        return slash < 0 ? null : choice(kind, qualified.substring(0, slash), qualified.substring(slash + 1));
    }

    private static boolean mayAskForCertificates(Choice lost) {
        ServedVersion last = lost.last();
        return mayAskForCertificates(lost.written()) || (last != null && mayAskForCertificates(last.item()));
    }

    private static boolean mayAskForCertificates(Item item) {
        return !(item.resource() instanceof Gateway gateway)
                || !item.complete()
                || gateway.servers().stream()
                        .anyMatch(server ->
                                server.tls() != null && server.tls().mode().asksForCertificate());
    }

    /// What counts, as one configuration.
    Configuration configuration() {
        Set<Resource> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Resource> held = new ArrayList<>();
        for (FileResources file : loaded.files()) {
            if (!file.isLegible()) {
                file.items().forEach(item -> add(item.resource(), gone));
            }
        }
        duplicates.forEach(choice -> add(choice.written().resource(), gone));
        for (Choice choice : choices.values()) {
            if (choice.state() != State.SERVED) {
                add(choice.written().resource(), gone);
            }
            if (choice.state() == State.HELD) {
                add(choice.resource(), held);
            }
        }
        held.sort(Comparator.comparing(resource -> resource.meta().at()));
        return loaded.configuration().changed(gone, held);
    }

    private static void add(@Nullable Resource resource, Collection<Resource> to) {
        if (resource != null) {
            to.add(resource);
        }
    }

    /// What does not count at all, though no older version does either.
    Stream<Choice> leftOut() {
        return Stream.concat(choices.values().stream(), duplicates.stream())
                .filter(choice -> choice.isLeftOut() && (!isHeld(choice.id()) || missed.contains(choice.id())));
    }

    /// Whether the gateway has never served without what a resource that is left out, or a file, may have said: it
    /// is so from the first start on, or since its last version did not fit any more.
    boolean isMissed(Choice leftOut) {
        return first
                || leftOut.last() != null
                || missed.contains(leftOut.id())
                || missed.contains(leftOut.file().name());
    }

    boolean isMissed(Illegible file) {
        return first || missed.contains(file.name());
    }

    /// The ids and files of what [#isMissed] is true of, and the files of what protects others and is left out.
    Set<String> missed() {
        Stream<String> resources = leftOut()
                .filter(this::isMissed)
                .flatMap(choice -> Stream.of(choice.id(), choice.file().name()));
        Stream<String> files = illegible.stream().filter(this::isMissed).map(Illegible::name);
        Stream<String> protecting = leftOut()
                .filter(choice -> Closure.protects(choice.kind()))
                .map(choice -> PROTECTING + choice.file().name());
        return Stream.of(resources, files, protecting).flatMap(all -> all).collect(Collectors.toUnmodifiableSet());
    }

    /// Drops what only positions need.
    void forgetDocuments() {
        Stream.concat(choices.values().stream(), duplicates.stream()).forEach(choice -> {
            choice.file().forgetDocuments();
            choice.source().forgetDocuments();
        });
    }

    /// Whether nothing of it can be served: all is left out, or what all else depends on, which are the settings of the
    /// mesh.
    boolean isHopeless() {
        return hopeless
                || (others == 0 && choices.values().stream().allMatch(Choice::isLeftOut))
                || choices.values().stream()
                        .anyMatch(choice -> choice.isLeftOut() && choice.kind() == ResourceKind.MESH_CONFIG)
                || illegible.stream().anyMatch(file -> file.findings.ofMesh());
    }

    /// The errors between resources that cost one its version.
    Collection<Problem> reasons() {
        return reasons;
    }

    /// The problems of the files by themselves.
    List<Problem> problems() {
        return loaded.problems();
    }

    /// Whether a version of it that was served before counts, or the one in the file does and was served before.
    boolean isHeld(String id) {
        Choice choice = choices.get(id);
        return choice != null && choice.isAsServed();
    }

    /// Tells it from other selections of the same files: what cannot be read is not in their hash.
    String digest() {
        List<String> all = new ArrayList<>();
        choices.values().stream()
                .filter(choice -> choice.state() != State.SERVED)
                .map(choice -> choice.id() + choice.state())
                .sorted()
                .forEach(all::add);
        illegible.forEach(file -> all.add(file.name()));
        return Integer.toHexString(all.hashCode());
    }

    /// Of all resources that are held or left out, and of some others.
    Collection<Choice> choices() {
        return choices.values();
    }

    List<Choice> duplicates() {
        return duplicates;
    }

    List<Illegible> illegible() {
        return illegible;
    }
}
