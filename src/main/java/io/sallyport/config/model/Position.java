package io.sallyport.config.model;

/// A place in a configuration file.
///
/// @param file the file's path as the reader was given it
/// @param line counted from 1; 0 when the problem concerns the file as a whole
/// @param column counted from 1; 0 when the problem concerns the file as a whole
public record Position(String file, int line, int column) implements Comparable<Position> {

    /// The file as a whole.
    public static Position of(String file) {
        return new Position(file, 0, 0);
    }

    /// The same file with something said of it.
    public static String marked(String file, String mark) {
        return file + " (" + mark + ")";
    }

    /// The file's own name, without its directory and what is said of it.
    public String fileName() {
        int mark = file.endsWith(")") ? file.lastIndexOf(" (") : -1;
        String path = mark < 0 ? file : file.substring(0, mark);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public int compareTo(Position other) {
        int byFile = file.compareTo(other.file);
        if (byFile != 0) {
            return byFile;
        }
        int byLine = Integer.compare(line, other.line);
        return byLine != 0 ? byLine : Integer.compare(column, other.column);
    }

    /// `file:line:column`, or `file` alone for the file as a whole.
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
