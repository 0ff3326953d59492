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
