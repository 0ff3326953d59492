package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.ShapeProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a directory so that what is read was there at one moment. Where Kubernetes mounts a ConfigMap, `..data` is a
/// link to the generation's own directory, which never changes: all files are read through it. In a plain directory
/// the reading is repeated until names, sizes and times before and after agree.
public final class ConfigurationDirectory {
    private static final int ATTEMPTS = 10;
    private static final String GENERATION_LINK = "..data";

    private final Path directory;
    private final LoadOptions options;

    public ConfigurationDirectory(Path directory, LoadOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /// One generation's files by name, or null when there is none to be had, which is reported.
    @Nullable
    DirectoryGeneration read(ProblemReport report) {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                DirectoryGeneration generation = attemptUnlessGone(report);
                if (generation != null || report.hasErrors()) {
                    return generation;
                }
            }
            problem(report, ShapeProblem.DIRECTORY_UNSTABLE, "it changed at each of " + ATTEMPTS + " readings", null);
        } catch (NoSuchFileException e) {
            problem(report, ShapeProblem.DIRECTORY_UNREADABLE, "the directory does not exist", null);
        } catch (NotDirectoryException e) {
            problem(report, ShapeProblem.DIRECTORY_UNREADABLE, "it is not a directory", null);
        } catch (AccessDeniedException e) {
            problem(report, ShapeProblem.DIRECTORY_UNREADABLE, "it may not be read", null);
        } catch (IOException | DirectoryIteratorException | SecurityException e) {
            problem(report, ShapeProblem.DIRECTORY_UNREADABLE, "it cannot be read: " + e.getMessage(), null);
        }
        return null;
    }

    /// A generation that is deleted while it is read makes way for another; the directory itself stays.
    private @Nullable DirectoryGeneration attemptUnlessGone(ProblemReport report) throws IOException {
        try {
            return attempt(report);
        } catch (NoSuchFileException e) {
            if (!Files.exists(directory)) {
                throw e;
            }
            return null;
        }
    }

    /// Null when the directory changed meanwhile, or when something is wrong and reported.
    private @Nullable DirectoryGeneration attempt(ProblemReport report) throws IOException {
        Path before = generationDirectory();
        FileListing listing = FileListing.of(before);
        ProblemReport found = new ProblemReport();
        List<SourceFile> files = readAll(listing, found);
        if (!generationDirectory().equals(before) || !FileListing.of(before).equals(listing)) {
            return null;
        }
        found.toList().forEach(report::add);
        if (listing.files().isEmpty()) {
            String hint = "mount the configuration there";
            problem(report, ShapeProblem.DIRECTORY_EMPTY, "no *.yaml, *.yml or *.json file", hint);
        }
        return report.hasErrors() && files.isEmpty() ? null : new DirectoryGeneration(files);
    }

    private Path generationDirectory() throws IOException {
        Path link = directory.resolve(GENERATION_LINK);
        return Files.isSymbolicLink(link) ? link.toRealPath() : directory.toRealPath();
    }

    private List<SourceFile> readAll(FileListing listing, ProblemReport found) {
        if (listing.files().size() > options.maxFiles()) {
            String message = listing.files().size() + " files, more than " + options.maxFiles();
            problem(found, ShapeProblem.DIRECTORY_TOO_LARGE, message, null);
            return List.of();
        }
        List<SourceFile> files = new ArrayList<>();
        long left = options.maxTotalBytes();
        for (FileListing.Entry entry : listing.files()) {
            String name = directory.resolve(entry.path().getFileName()).toString();
            try (InputStream in = Files.newInputStream(entry.path())) {
                // One byte more than allowed is enough to know that a file is too large.
                byte[] content = in.readNBytes(options.limits().maxFileBytes() + 1);
                left -= content.length;
                files.add(new SourceFile(name, content));
            } catch (IOException | SecurityException e) {
                String message = "the file cannot be read: " + e.getMessage();
                found.add(ShapeProblem.FILE_UNREADABLE, Position.of(name), "", message, null);
            }
            if (left < 0) {
                String message = "the files have more than " + options.maxTotalBytes() + " bytes together";
                problem(found, ShapeProblem.DIRECTORY_TOO_LARGE, message, null);
                return List.of();
            }
        }
        return files;
    }

    private void problem(ProblemReport report, ShapeProblem code, String message, @Nullable String hint) {
        report.add(code, Position.of(directory.toString()), "", message, hint);
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
