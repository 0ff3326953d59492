package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The errors of files by themselves, by place.
final class FileErrors {
    private final List<Problem> all;
    private final Map<String, List<Problem>> byFile = new HashMap<>();
    /// What is not listed may be about anything.
    private final List<Problem> tooMany;

    private final Map<FileResources, Map<Position, List<Problem>>> byItem = new HashMap<>();

    /// @param problems in the order of places
    FileErrors(List<Problem> problems) {
        all = problems.stream().filter(Problem::isError).toList();
        tooMany = all.stream()
                .filter(problem -> problem.code() == ProblemCode.TOO_MANY_PROBLEMS)
                .toList();
        all.forEach(problem -> byFile.computeIfAbsent(problem.at().file(), _ -> new ArrayList<>())
                .add(problem));
    }

    /// The first at or after a place in its file, else the first of the file.
    ///
    /// @param code null for any
    Problem near(Position place, @Nullable ProblemCode code) {
        return ofFile(place.file()).stream()
                .filter(problem -> problem.at().compareTo(place) >= 0 && (code == null || problem.code() == code))
                .findFirst()
                .orElseGet(() -> first(place.file()));
    }

    /// The first of a file.
    Problem first(String file) {
        return ofFile(file).stream().findFirst().orElseGet(all::getFirst);
    }

    private List<Problem> ofFile(String file) {
        return byFile.getOrDefault(file, List.of());
    }

    /// Those of one resource, or what leaves in doubt which these are.
    List<Problem> of(FileResources file, Item item) {
        if (item.sound()) {
            return List.of();
        }
        List<Problem> own = byItem.computeIfAbsent(file, this::byItem)
                .getOrDefault(item.meta().at(), List.of());
        return tooMany.isEmpty() ? own : tooMany;
    }

    /// An error belongs to the resource that begins before it.
    private Map<Position, List<Problem>> byItem(FileResources file) {
        TreeSet<Position> begins = new TreeSet<>();
        file.items().forEach(item -> begins.add(item.meta().at()));
        Map<Position, List<Problem>> found = new TreeMap<>();
        for (Problem problem : ofFile(file.name())) {
            Position begin = begins.floor(problem.at());
            if (begin != null) {
                found.computeIfAbsent(begin, _ -> new ArrayList<>()).add(problem);
            }
        }
        return found;
    }
}
