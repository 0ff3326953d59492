package io.sallyport.config;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.Problem;
import io.sallyport.persistent.PersistentList;
import java.util.List;

/// What a directory says and everything that is wrong with it.
///
/// @param configuration as much as could be read; to be served only when there are no errors
/// @param problems by file, line and column
/// @param contentHash SHA-256 in hex of all files' names and contents; `""` when the directory could not be read
/// @param positions for checks across resources to point into the files; holds all documents
/// @param files each with its resources; those that cannot be read are only in the problems
/// @param names of the resources of these files
public record LoadResult(
        Configuration configuration,
        List<Problem> problems,
        String contentHash,
        SourcePositions positions,
        List<FileResources> files,
        ResourceNames names) {
    public LoadResult {
        problems = List.copyOf(problems);
        files = PersistentList.copyOf(files);
    }

    /// Whether the configuration must not be served.
    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
