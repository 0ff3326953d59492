package io.sallyport.config.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A place in a configuration file. It counts from where its document begins: where lines before a document come or go,
/// the document is moved, and the positions of all that it holds with it.
public final class Position implements Comparable<Position> {
    /// Of a path that is shown; systems have none that are longer.
    private static final int MAX_FILE = 4096;

    private final DocumentStart document;
    private final int below;
    private final int column;

    /// @param file the file's path as the reader was given it
    /// @param line counted from 1; 0 when the problem concerns the file as a whole
    /// @param column counted from 1; 0 when the problem concerns the file as a whole
    public Position(String file, int line, int column) {
        this(new DocumentStart(file, 0), line, column);
    }

    private Position(DocumentStart document, int below, int column) {
        this.document = document;
        this.below = below;
        this.column = column;
    }

    /// The file as a whole.
    public static Position of(String file) {
        return new Position(file, 0, 0);
    }

    /// The beginning of a document.
    public static Position of(DocumentStart document) {
        return new Position(document, 0, 1);
    }

    /// A place of the same document.
    ///
    /// @param lines below this one
    public Position below(int lines, int columnThere) {
        return new Position(document, below + lines, columnThere);
    }

    /// The same file with something said of it.
    public static String marked(String file, String mark) {
        return file + " (" + mark + ")";
    }

    public String file() {
        return document.file();
    }

    public int line() {
        return document.line() + below;
    }

    public int column() {
        return column;
    }

    /// The file's own name, without its directory and what is said of it.
    public String fileName() {
        String file = file();
        int mark = file.endsWith(")") ? file.lastIndexOf(" (") : -1;
        String path = mark < 0 ? file : file.substring(0, mark);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public int compareTo(Position other) {
        int byFile = file().compareTo(other.file());
        if (byFile != 0) {
            return byFile;
        }
        int byLine = Integer.compare(line(), other.line());
        return byLine != 0 ? byLine : Integer.compare(column, other.column);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Position position
                && line() == position.line()
                && column == position.column
                && file().equals(position.file());
    }

    @Override
    public int hashCode() {
        return Objects.hash(file(), line(), column);
    }

    /// For messages: `file:line:column`, or `file` alone for the file as a whole. On one line.
    @Override
    public String toString() {
        String file = ShownText.of(file(), MAX_FILE);
        return line() == 0 ? file : file + ":" + line() + ":" + column;
    }
}
