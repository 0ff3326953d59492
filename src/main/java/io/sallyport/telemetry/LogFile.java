package io.sallyport.telemetry;

import io.sallyport.format.LogSink;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/// A file of the access log, written at its end. Rotation needs no signal: before each write it is looked up whether
/// the path still leads to what is open, and where it was moved or deleted it is opened anew. A file that was
/// truncated goes on at its beginning.
final class LogFile extends OutputStream {
    private final Path path;
    private @Nullable OutputStream out;
    /// Device and inode of what is open.
    private @Nullable Object key;

    /// A stream of the process, which stays open: others write to it, too.
    private static final class Standard extends FileOutputStream {
        Standard(FileDescriptor descriptor) {
            super(descriptor);
        }

        @Override
        public void close() {}
    }

    private LogFile(Path path) {
        this.path = path;
    }

    /// By its path, as MeshConfig has it.
    static OutputStream of(String path) {
        return switch (path) {
            case LogSink.STANDARD_OUTPUT -> new Standard(FileDescriptor.out);
            case LogSink.STANDARD_ERROR -> new Standard(FileDescriptor.err);
            default -> new LogFile(Path.of(path));
        };
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        open().write(bytes, offset, length);
    }

    private OutputStream open() throws IOException {
        OutputStream current = out;
        if (current != null && key != null && key.equals(key())) {
            return current;
        }
        close();
        OutputStream opened = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        out = opened;
        key = key();
        return opened;
    }

    private @Nullable Object key() throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        OutputStream open = out;
        out = null;
        key = null;
        if (open != null) {
            open.close();
        }
    }
}
