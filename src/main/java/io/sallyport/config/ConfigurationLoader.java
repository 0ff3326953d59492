package io.sallyport.config;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationDirectory;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.config.source.ContentHash;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.PersistentList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a configuration directory into records and reports every problem of every file at once. It never throws on
/// what a directory holds. The resources of each file are kept: of the next generation only changed files are decoded.
///
/// Not thread-safe.
public final class ConfigurationLoader implements ConfigurationFiles {
    private static final int FILES_AT_ONCE = 8;

    private final Path path;
    private final LoadOptions options;
    private final ConfigurationDirectory directory;
    /// Of the last reading.
    private List<SourceFile> sources = List.of();
    /// What each of these holds.
    private final Readings readings = new Readings();

    /// Whether there was nothing to report, and whether all of it could be kept.
    private boolean quiet = true;

    private boolean complete = true;

    public ConfigurationLoader(Path path, LoadOptions options) {
        this.path = path;
        this.options = options;
        this.directory = new ConfigurationDirectory(path, options);
    }

    /// Reads one whole generation of the directory.
    public static LoadResult load(Path directory, LoadOptions options) {
        return new ConfigurationLoader(directory, options).load(Changes.ANY);
    }

    /// Reads files that stand in for a directory, by the same rules.
    ///
    /// @param place as problems name it
    /// @param all in any order; null where there is no such place
    public static LoadResult load(String place, @Nullable List<SourceFile> all, LoadOptions options) {
        ProblemReport report = new ProblemReport();
        List<SourceFile> files = ConfigurationDirectory.standIn(place, all, options, report);
        if (files == null) {
            return nothing(report);
        }
        List<FileResources> read = new ArrayList<>(files.size());
        files.forEach(file -> add(FileResources.read(file, options, report, null), read, report));
        return generation(place, read, report);
    }

    /// Reads files that are in memory already.
    public static LoadResult load(List<SourceFile> files, LoadOptions options) {
        ProblemReport report = new ProblemReport();
        List<FileResources> read = new ArrayList<>(files.size());
        for (SourceFile file : files) {
            add(FileResources.read(file, options, report, null), read, report);
        }
        return result(read, Configuration.of(resources(read)), report, ResourceNames.of(read));
    }

    @Override
    public LoadResult load(Changes changes) {
        ProblemReport report = new ProblemReport();
        List<SourceFile> files = directory.read(changes, report);
        if (files == null) {
            return nothing(report);
        }
        List<FileResources> read = sources.isEmpty() ? readAll(files, report) : readChanged(files, report);
        sources = files;
        quiet = report.isEmpty();
        complete = report.isComplete();
        return readings.next(path.toString(), read, report);
    }

    static LoadResult nothing(ProblemReport report) {
        return new LoadResult(
                Configuration.EMPTY, report.toList(), "", SourcePositions.NONE, List.of(), ResourceNames.NONE);
    }

    static LoadResult generation(String place, List<FileResources> read, ProblemReport report) {
        return generation(place, read, Configuration.of(resources(read)), report, ResourceNames.of(read));
    }

    static LoadResult generation(
            String place, List<FileResources> read, Configuration all, ProblemReport report, ResourceNames names) {
        boolean empty = read.stream().allMatch(file -> file.items().isEmpty());
        if (empty && !report.hasErrors()) {
            report.add(ProblemCode.NO_RESOURCES, Position.of(place), "", "the files hold no resource to serve", null);
        }
        return result(read, all, report, names);
    }

    @Override
    public boolean isSettled() {
        return directory.isSettled();
    }

    @Override
    public void forgetDocuments() {
        readings.forgetDocuments();
    }

    /// Both readings have the files in one order: most are the same at the beginning and at the end.
    private List<FileResources> readChanged(List<SourceFile> files, ProblemReport report) {
        int head = complete ? ListDifference.head(sources, files) : 0;
        int tail = complete ? ListDifference.tail(sources, files, head) : 0;
        List<FileResources> known = readings.last();
        List<FileResources> read = new ArrayList<>();
        reportAgain(known.subList(0, head), report);
        Map<String, FileResources> others = new HashMap<>();
        known.subList(head, known.size() - tail).forEach(file -> others.put(file.name(), file));
        for (SourceFile file : files.subList(head, files.size() - tail)) {
            FileResources before = others.get(file.name());
            FileResources now = before != null && before.isOf(file.name(), file.content())
                    ? before
                    : FileResources.read(file, options, report, before);
            add(now, read, report);
        }
        reportAgain(known.subList(known.size() - tail, known.size()), report);
        return PersistentList.replaced(known, head, known.size() - tail, read);
    }

    private void reportAgain(List<FileResources> files, ProblemReport report) {
        if (!quiet) {
            files.forEach(file -> report.addAll(file.problems()));
        }
    }

    /// Reads on all processors: nothing is served yet that would need them. The report learns between the parts
    /// how much room is left.
    private List<FileResources> readAll(List<SourceFile> files, ProblemReport report) {
        List<FileResources> read = new ArrayList<>(files.size());
        int part = FILES_AT_ONCE * Runtime.getRuntime().availableProcessors();
        for (int from = 0; from < files.size(); from += part) {
            files.subList(from, Math.min(files.size(), from + part)).parallelStream()
                    .map(file -> FileResources.readAtOnce(file, options, report))
                    .toList()
                    .forEach(file -> add(file, read, report));
        }
        return read;
    }

    static void add(FileResources file, List<FileResources> read, ProblemReport report) {
        read.add(file);
        report.addAll(file.problems());
    }

    private static LoadResult result(
            List<FileResources> files, Configuration all, ProblemReport report, ResourceNames names) {
        SourcePositions positions = SourcePositions.of(files);
        if (names.twins()) {
            reportDuplicates(files, positions, report);
        }
        return new LoadResult(all, report.toList(), ContentHash.of(files), positions, files, names);
    }

    static List<Resource> resources(List<FileResources> files) {
        List<Resource> resources = new ArrayList<>();
        for (FileResources file : files) {
            for (FileResources.Item item : file.items()) {
                if (item.resource() != null) {
                    resources.add(item.resource());
                }
            }
        }
        return resources;
    }

    /// Who a resource is. It takes less time to make than its id.
    private record Key(ResourceKind kind, String namespace, String name) {}

    private static void reportDuplicates(List<FileResources> files, SourcePositions positions, ProblemReport report) {
        Map<Key, Position> seen = new HashMap<>();
        for (FileResources file : files) {
            for (FileResources.Item item : file.items()) {
                ResourceMeta meta = item.meta();
                Position at = meta.at();
                Position earlier = meta.name().isEmpty()
                        ? null
                        : seen.putIfAbsent(new Key(meta.kind(), meta.namespace(), meta.name()), at);
                if (earlier != null) {
                    String message = Quote.plain(item.id()) + " is already defined at " + earlier;
                    report.add(
                            ProblemCode.DUPLICATE_RESOURCE,
                            positions.of(at, "metadata.name"),
                            item.path().isEmpty() ? "metadata.name" : item.path() + ".metadata.name",
                            message,
                            "delete or rename one of the two");
                }
            }
        }
    }
}
