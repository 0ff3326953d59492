package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationFiles;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Documents that are no files, such as the objects of an API, beside those of a directory: each counts as a file. The
/// directory may be empty, or not be there.
///
/// Not thread-safe.
public final class ObjectFiles implements ConfigurationFiles {
    private static final Set<ProblemCode> NO_FILES =
            EnumSet.of(ProblemCode.DIRECTORY_UNREADABLE, ProblemCode.DIRECTORY_EMPTY, ProblemCode.NO_RESOURCES);

    private static final String PLACE = "the Kubernetes API";

    private final ConfigurationFiles directory;
    private final BooleanSupplier isAbsent;
    private final Supplier<Map<String, byte[]>> objects;
    private final LoadOptions options;
    private final Readings readings = new Readings();
    /// Of the last reading.
    private List<FileResources> objectsBefore = List.of();

    private boolean hadFiles;

    /// @param isAbsent whether there is certainly no directory
    /// @param objects by name (`VirtualService default/shop`), in the order of names
    public ObjectFiles(
            ConfigurationFiles directory,
            BooleanSupplier isAbsent,
            Supplier<Map<String, byte[]>> objects,
            LoadOptions options) {
        this.directory = directory;
        this.isAbsent = isAbsent;
        this.objects = objects;
        this.options = options;
    }

    @Override
    public LoadResult load(Changes changes) {
        LoadResult files = directory.load(changes);
        boolean noFiles = files.files().isEmpty() && files.hasErrors();
        Map<String, byte[]> documents = objects.get();
        if (noFiles && (hadFiles || documents.isEmpty() || !isForWantOfFiles(files))) {
            // What they said last must not be lost for a directory that cannot be read.
            return files;
        }
        long bytes = documents.values().stream().mapToLong(each -> each.length).sum();
        if (bytes > options.maxTotalBytes()) {
            ProblemReport tooLarge = new ProblemReport();
            String message = bytes + " bytes, more than " + options.maxTotalBytes();
            tooLarge.add(ProblemCode.DIRECTORY_TOO_LARGE, Position.of(PLACE), "", message, null);
            return ConfigurationLoader.nothing(tooLarge);
        }
        hadFiles |= !files.files().isEmpty();
        ProblemReport report = new ProblemReport();
        files.problems().stream()
                .filter(problem -> !NO_FILES.contains(problem.code()))
                // They are looked for again among all.
                .filter(problem -> problem.code() != ProblemCode.DUPLICATE_RESOURCE)
                .forEach(report::add);
        List<FileResources> all = new ArrayList<>(files.files().size() + documents.size());
        all.addAll(files.files());
        read(documents, all, report);
        return readings.next(PLACE, all, report);
    }

    /// Most are what they were, and stand where they stood.
    private void read(Map<String, byte[]> documents, List<FileResources> all, ProblemReport report) {
        List<FileResources> before = objectsBefore;
        List<FileResources> read = new ArrayList<>(documents.size());
        int next = 0;
        for (Map.Entry<String, byte[]> document : documents.entrySet()) {
            String name = document.getKey();
            while (next < before.size() && before.get(next).name().compareTo(name) < 0) {
                next++;
            }
            FileResources known =
                    next < before.size() && before.get(next).name().equals(name) ? before.get(next++) : null;
            FileResources now = known != null && known.isOf(name, document.getValue())
                    ? known
                    : FileResources.read(object(name, document.getValue()), options, report, known);
            read.add(now);
            ConfigurationLoader.add(now, all, report);
        }
        objectsBefore = read;
    }

    /// Whoever may write in one namespace only must not shut others by a document that cannot be read.
    private static SourceFile object(String name, byte[] document) {
        String id = name.substring(name.indexOf(' ') + 1);
        return new SourceFile(name, document, id.substring(0, id.indexOf('/')));
    }

    private boolean isForWantOfFiles(LoadResult files) {
        return files.problems().stream()
                .filter(Problem::isError)
                .allMatch(problem -> problem.code() == ProblemCode.DIRECTORY_UNREADABLE
                        ? isAbsent.getAsBoolean()
                        : NO_FILES.contains(problem.code()));
    }

    @Override
    public boolean isSettled() {
        return directory.isSettled();
    }

    @Override
    public void forgetDocuments() {
        directory.forgetDocuments();
        readings.forgetDocuments();
    }
}
