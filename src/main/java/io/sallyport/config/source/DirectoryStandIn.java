package io.sallyport.config.source;

import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Files that are no files of a directory, by a directory's rules.
public final class DirectoryStandIn {
    private DirectoryStandIn() {}

    /// Those that count: the same names, in the same order, within the same bounds. Null where there are none, which is
    /// reported.
    public static @Nullable List<SourceFile> files(
            String place, @Nullable List<SourceFile> all, LoadOptions options, ProblemReport report) {
        Position at = Position.of(place);
        if (all == null) {
            report.add(ProblemCode.DIRECTORY_UNREADABLE, at, "", "it does not exist", null);
            return null;
        }
        List<SourceFile> files = all.stream()
                .filter(file -> FileListing.isConfiguration(file.name()))
                .sorted(Comparator.comparing(SourceFile::name))
                .toList();
        long bytes = files.stream().mapToLong(file -> file.content().length).sum();
        if (files.size() > options.maxFiles() || bytes > options.maxTotalBytes()) {
            report.add(ProblemCode.DIRECTORY_TOO_LARGE, at, "", files.size() + " files, " + bytes + " bytes", null);
            return null;
        }
        if (files.isEmpty()) {
            report.add(ProblemCode.DIRECTORY_EMPTY, at, "", "no *.yaml, *.yml or *.json file", null);
            return null;
        }
        return files;
    }
}
