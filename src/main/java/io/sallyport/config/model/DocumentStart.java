package io.sallyport.config.model;

/// Where a document begins in its file. It is moved between two readings of the file, when nothing else changes of the
/// document; any thread may look.
public final class DocumentStart {
    private final String file;
    private volatile int line;

    /// @param line counted from 1
    public DocumentStart(String file, int line) {
        this.file = file;
        this.line = line;
    }

    public String file() {
        return file;
    }

    public int line() {
        return line;
    }

    public void moveTo(int otherLine) {
        line = otherLine;
    }
}
