package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// Formats and writes the access log, many lines in one write.
final class AccessLogWriter implements FactsQueue.Taker {
    private static final Logger LOG = System.getLogger(AccessLogWriter.class.getName());
    private static final int BATCH_BYTES = 64 * 1024;

    private final AccessLogFormatter formatter;
    private final OutputStream out;
    private final LineBuffer buffer = new LineBuffer(BATCH_BYTES + 16 * 1024);
    private int linesInBuffer;
    private boolean failing;
    private volatile long lost;

    AccessLogWriter(AccessLogFormatter formatter, OutputStream out) {
        this.formatter = formatter;
        this.out = out;
    }

    /// Lines that could not be written.
    long lost() {
        return lost;
    }

    @Override
    public void take(RequestFacts facts) {
        formatter.format(facts, buffer);
        linesInBuffer++;
        if (buffer.length() >= BATCH_BYTES) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (linesInBuffer == 0) {
            return;
        }
        try {
            buffer.writeTo(out);
            out.flush();
            failing = false;
        } catch (IOException e) {
            lost = lost + linesInBuffer;
            if (!failing) {
                failing = true;
                LOG.log(Level.ERROR, "The access log cannot be written: {0}", e.getMessage());
            }
        }
        buffer.clear();
        linesInBuffer = 0;
    }
}
