package io.sallyport.config;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.persistent.ListDifference;
import java.util.List;

/// The files of one reading after another. What all of them say together is made of what the last ones did, where
/// that is possible.
///
/// Not thread-safe.
final class Readings {
    private List<FileResources> last = List.of();
    private Configuration configuration = Configuration.EMPTY;
    private ResourceNames names = ResourceNames.NONE;
    private SourcePositions positions = SourcePositions.NONE;

    /// What the files say.
    ///
    /// @param place that they are of, for problems
    LoadResult next(String place, List<FileResources> files, ProblemReport report) {
        configuration = configuration(files);
        names = names.next(last, files);
        last = files;
        LoadResult result = ConfigurationLoader.generation(place, files, configuration, report, names);
        positions = result.positions();
        return result;
    }

    private Configuration configuration(List<FileResources> files) {
        int head = ListDifference.head(last, files);
        int tail = ListDifference.tail(last, files, head);
        Configuration changed = configuration.changed(
                of(last.subList(head, last.size() - tail)),
                of(files.subList(head, files.size() - tail)),
                of(files.subList(Math.max(0, head - 1), head)));
        return changed == null ? of(files) : changed;
    }

    private static Configuration of(List<FileResources> files) {
        return Configuration.of(ConfigurationLoader.resources(files));
    }

    /// Those of the last reading.
    List<FileResources> last() {
        return last;
    }

    /// Drops what only positions in the last reading need.
    void forgetDocuments() {
        positions.forgetDocuments();
    }
}
