package io.sallyport.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.LongAdder;

/// Gathers lines of the access log for one file, and writes many of them at once.
final class LogOutput {
    private static final Logger LOG = System.getLogger(LogOutput.class.getName());
    private static final int BATCH_BYTES = 64 * 1024;
    private static final int LONGEST_USUAL_LINE = 16 * 1024;

    private final OutputStream out;
    private final LongAdder lost;
    private final LineBuffer buffer = new LineBuffer(BATCH_BYTES + LONGEST_USUAL_LINE);
    private int linesInBuffer;
    private boolean failing;

    /// @param lost counts the lines that could not be written
    LogOutput(OutputStream out, LongAdder lost) {
        this.out = out;
        this.lost = lost;
    }

    /// Takes a line; [#endLine] follows.
    LineBuffer line() {
        return buffer;
    }

    void endLine() {
        linesInBuffer++;
        if (buffer.length() >= BATCH_BYTES) {
            flush();
        }
    }

    /// @return whether there was anything to write
    boolean flush() {
        if (linesInBuffer == 0) {
            return false;
        }
        try {
            buffer.writeTo(out);
            out.flush();
            failing = false;
        } catch (IOException e) {
            lost.add(linesInBuffer);
            if (!failing) {
                failing = true;
                LOG.log(Level.ERROR, "The access log cannot be written: {0}", e.toString());
            }
        }
        buffer.clear();
        linesInBuffer = 0;
        return true;
    }

    void close() {
        try {
            out.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The access log cannot be closed: {0}", e.toString());
        }
    }
}
