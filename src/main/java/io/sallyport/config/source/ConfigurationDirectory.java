package io.sallyport.config.source;

import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.persistent.PersistentList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads a directory's files as they were at one moment. Where Kubernetes mounts a ConfigMap, `..data` is a link to the
/// generation's own directory, which never changes: all files are read through it. In a plain directory the reading is
/// repeated until names, sizes and times before and after it agree; files that change meanwhile are read among
/// themselves then, so that one that changes all the time keeps no other waiting. Contents are kept, and where only
/// some of a plain directory's files are reported as changed, these alone are read.
///
/// Not thread-safe.
public final class ConfigurationDirectory {
    private static final int ATTEMPTS = 10;
    private static final String GENERATION_LINK = "..data";

    /// File systems report times in steps of up to two seconds: a file that was read so soon after a change may have
    /// changed again within the same step without looking different.
    private static final long STEP_MILLIS = 2_000;

    private final Path directory;
    private final LoadOptions options;
    /// Of the last reading.
    private TreeMap<Path, HeldFile> held = new TreeMap<>();
    /// How those looked that could not be read.
    private Map<Path, FileListing.Entry> unreadable = Map.of();
    /// Those of them that have been files.
    private Set<Path> lost = Set.of();
    /// Its files, in their order.
    private List<SourceFile> contents = List.of();
    /// That these have.
    private long bytes;
    /// Whether `held` is the whole directory, so that it can be brought up to date with a few changes.
    private boolean complete;
    /// The files that the last reading looked at because they had been reported as changed.
    private Set<Path> reported = Set.of();

    /// A file's content as it was read, and how the file looked before.
    ///
    /// @param readAt milliseconds since 1970
    private record HeldFile(SourceFile file, FileListing.Entry entry, long readAt) {
        /// Whether a file that looks like this need not be read again.
        boolean isCurrent(FileListing.Entry now) {
            return now.equals(entry)
                    && now.changed() >= 0
                    && TimeUnit.NANOSECONDS.toMillis(now.changed()) + STEP_MILLIS < readAt;
        }
    }

    public ConfigurationDirectory(Path directory, LoadOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /// One generation's files by name, or null when none can be read, which is reported.
    ///
    /// @param changes since the last call
    @Nullable
    public List<SourceFile> read(Changes changes, ProblemReport report) {
        boolean fewChanges = complete && !changes.any();
        complete = false;
        reported = Set.of();
        try {
            List<SourceFile> files = fewChanges ? readChanged(changes) : null;
            Set<Path> restless = new HashSet<>();
            for (int attempt = 0; attempt < ATTEMPTS && files == null && !report.hasErrors(); attempt++) {
                files = attemptUnlessGone(changes, restless, report);
            }
            if (files == null && !report.hasErrors()) {
                String message = "it changed at each of " + ATTEMPTS + " readings";
                problem(report, ProblemCode.DIRECTORY_UNSTABLE, message, null);
            }
            return files;
        } catch (NoSuchFileException e) {
            problem(report, ProblemCode.DIRECTORY_UNREADABLE, "the directory does not exist", null);
        } catch (NotDirectoryException e) {
            problem(report, ProblemCode.DIRECTORY_UNREADABLE, "it is not a directory", null);
        } catch (AccessDeniedException e) {
            problem(report, ProblemCode.DIRECTORY_UNREADABLE, "it may not be read", null);
        } catch (IOException | DirectoryIteratorException | SecurityException e) {
            problem(report, ProblemCode.DIRECTORY_UNREADABLE, "it cannot be read: " + e.getMessage(), null);
        }
        return null;
    }

    /// A generation that is deleted while it is read has been replaced by another; the directory itself stays.
    private @Nullable List<SourceFile> attemptUnlessGone(Changes changes, Set<Path> restless, ProblemReport report)
            throws IOException {
        try {
            return attempt(changes, restless, report);
        } catch (NoSuchFileException e) {
            if (!Files.exists(directory)) {
                throw e;
            }
            return null;
        }
    }

    /// Null when the directory changed meanwhile, or when something is wrong and reported.
    ///
    /// @param restless files that have changed within an attempt, which are read among themselves; grows
    private @Nullable List<SourceFile> attempt(Changes changes, Set<Path> restless, ProblemReport report)
            throws IOException {
        Path before = generationDirectory();
        // Those of another generation are none of this one's.
        restless.removeIf(file -> !before.equals(file.getParent()));
        FileListing listing = FileListing.of(before);
        listing.files().keySet().removeAll(restless);
        Reading reading = together(restless);
        if (reading == null) {
            return null;
        }
        readAll(listing, reading);
        Set<Path> changed = listing.differences(FileListing.of(before));
        changed.removeAll(restless);
        if (!generationDirectory().equals(before) || !changed.isEmpty()) {
            restless.addAll(changed);
            return null;
        }
        report.addAll(reading.problems);
        if (reading.files.isEmpty() && !report.hasErrors()) {
            String hint = "mount the configuration there";
            problem(report, ProblemCode.DIRECTORY_EMPTY, "no *.yaml, *.yml or *.json file", hint);
        }
        held = reading.files;
        unreadable = reading.unreadable;
        lost = reading.lost;
        bytes = reading.bytes;
        complete = reading.problems.isEmpty() && !report.hasErrors();
        reported = within(before, changes);
        contents =
                PersistentList.copyOf(held.values().stream().map(HeldFile::file).toList());
        return report.hasErrors() && held.isEmpty() ? null : contents;
    }

    private Path generationDirectory() throws IOException {
        Path link = directory.resolve(GENERATION_LINK);
        return Files.isSymbolicLink(link) ? link.toRealPath() : directory.toRealPath();
    }

    /// @param reading has what was read apart, and gets the others
    private void readAll(FileListing listing, Reading reading) {
        int count = listing.files().size() + reading.files.size();
        if (count > options.maxFiles()) {
            reading.refuse(count + " files, more than " + options.maxFiles());
            return;
        }
        for (Map.Entry<Path, FileListing.Entry> each : listing.files().entrySet()) {
            HeldFile before = held.get(each.getKey());
            if (before != null && before.isCurrent(each.getValue())) {
                reading.add(each.getKey(), before);
            } else {
                reading.read(each.getKey(), each.getValue());
            }
            if (reading.bytes > options.maxTotalBytes()) {
                reading.refuse("the files have more than " + options.maxTotalBytes() + " bytes together");
                return;
            }
        }
    }

    /// What has been read of files, and what is wrong with them.
    private final class Reading {
        final TreeMap<Path, HeldFile> files = new TreeMap<>();
        final Map<Path, FileListing.Entry> unreadable = new HashMap<>();
        final Set<Path> lost = new HashSet<>();
        final ProblemReport problems = new ProblemReport();
        long bytes;

        void add(Path path, HeldFile file) {
            files.put(path, file);
            bytes += length(file);
        }

        void read(Path path, FileListing.Entry entry) {
            if (!entry.isFile() && !held.containsKey(path) && !ConfigurationDirectory.this.lost.contains(path)) {
                unreadable.put(path, entry);
                String message = "it is a directory or a device, which is not read";
                problems.add(ProblemCode.NO_FILE, Position.of(nameOf(path)), "", message, null);
                return;
            }
            try {
                add(path, content(path, entry));
            } catch (IOException | SecurityException e) {
                unreadable.put(path, entry);
                lost.add(path);
                String message = "the file cannot be read: " + reason(e);
                problems.add(ProblemCode.FILE_UNREADABLE, Position.of(nameOf(path)), "", message, null);
            }
        }

        /// They are too many, or too large.
        void refuse(String message) {
            files.clear();
            problem(problems, ProblemCode.DIRECTORY_TOO_LARGE, message, null);
        }

        /// Whether each of these still looks as it did.
        boolean holds(Set<Path> all) throws IOException {
            for (Path file : all) {
                if (!looksAs(files.get(file), unreadable.get(file), file)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static @Nullable String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "it is a link to nothing";
            case AccessDeniedException _ -> "access is denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            default -> e.getMessage();
        };
    }

    /// @param unreadable how it looked when it could not be read
    private static boolean looksAs(@Nullable HeldFile read, FileListing.@Nullable Entry unreadable, Path file)
            throws IOException {
        return Objects.equals(read == null ? unreadable : read.entry(), FileListing.entry(file));
    }

    private HeldFile content(Path path, FileListing.Entry entry) throws IOException {
        if (!entry.isFile()) {
            throw new FileSystemException(path.toString(), null, "it is a directory or a device now");
        }
        long now = System.currentTimeMillis();
        try (InputStream in = Files.newInputStream(path)) {
            // One byte more than allowed is enough to know that a file is too large.
            byte[] content = in.readNBytes(options.limits().maxFileBytes() + 1);
            return new HeldFile(new SourceFile(nameOf(path), content), entry, now);
        }
    }

    private String nameOf(Path path) {
        return directory.resolve(path.getFileName()).toString();
    }

    /// Null where the changes alone do not lead to a generation: everything must be read then.
    private @Nullable List<SourceFile> readChanged(Changes changes) throws IOException {
        Path plain = directory.toRealPath();
        if (Files.isSymbolicLink(directory.resolve(GENERATION_LINK))
                || !plain.equals(held.firstKey().getParent())) {
            return null;
        }
        Set<Path> changed = within(plain, changes);
        Reading reading = together(changed);
        // Where one cannot be read, the reading of everything says why.
        if (reading == null || !reading.problems.isEmpty()) {
            return null;
        }
        for (Path file : changed) {
            HeldFile now = reading.files.get(file);
            HeldFile before = now == null ? held.remove(file) : held.put(file, now);
            bytes += length(now) - length(before);
            contents = changed(file, before, now);
        }
        if (held.isEmpty() || held.size() > options.maxFiles() || bytes > options.maxTotalBytes()) {
            return null;
        }
        complete = true;
        reported = changed;
        return contents;
    }

    /// The contents, which are in the order of [#held], after that of one file has changed.
    private List<SourceFile> changed(Path file, @Nullable HeldFile before, @Nullable HeldFile now) {
        Map.Entry<Path, HeldFile> earlier = before == null ? held.lowerEntry(file) : null;
        int place = before != null
                ? PersistentList.placeOf(before.file(), contents)
                : earlier != null ? PersistentList.placeOf(earlier.getValue().file(), contents) + 1 : 0;
        return PersistentList.replaced(
                contents, place, before == null ? place : place + 1, now == null ? List.of() : List.of(now.file()));
    }

    private static long length(@Nullable HeldFile file) {
        return file == null ? 0 : file.file().content().length;
    }

    /// The changed files of this directory, by where they are.
    private Set<Path> within(Path generation, Changes changes) {
        return changes.files().stream()
                .filter(file -> directory.equals(file.getParent()))
                .map(file -> generation.resolve(file.getFileName()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// These files as they were at one moment; those that are gone have no look. Null where they do not hold still.
    private @Nullable Reading together(Set<Path> files) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Reading reading = new Reading();
            for (Path file : files) {
                FileListing.Entry entry = FileListing.entry(file);
                if (entry != null) {
                    reading.read(file, entry);
                }
            }
            if (reading.holds(files)) {
                return reading;
            }
        }
        return null;
    }

    /// Whether the changed files look as they did when they were last read; otherwise they are being written.
    public boolean isSettled() {
        return reported.stream().allMatch(file -> {
            try {
                return looksAs(held.get(file), unreadable.get(file), file);
            } catch (IOException | SecurityException e) {
                return false;
            }
        });
    }

    private void problem(ProblemReport report, ProblemCode code, String message, @Nullable String hint) {
        report.add(code, Position.of(directory.toString()), "", message, hint);
    }

    /// Of files that stand in for a directory those that it would be read from: the same names, in the same order,
    /// within the same bounds. Null where there are none, which is reported.
    public static @Nullable List<SourceFile> standIn(
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

    /// Whether a file of that name is read.
    public static boolean isConfiguration(String name) {
        return FileListing.isConfiguration(name);
    }

    /// Children of a directory, by name.
    static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(children);
        return children;
    }
}
