package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// The access log. Event loops only put the facts of a request into a ring of their own; one daemon thread formats and
/// writes. A reader of standard output that stands still costs lines, which are counted, but never time of a request.
public final class AccessLog implements RequestObserver, AutoCloseable {
    public enum Format {
        TEXT,
        JSON
    }

    /// Of texts in waiting for each event loop, characters.
    private static final long MOST_WEIGHT = 8 << 20;

    private final List<FactsRing> rings = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<FactsRing> ring;
    private final AccessLogWriter writer;

    private AccessLog(int queue, AccessLogFormatter formatter, OutputStream out) {
        writer = new AccessLogWriter(rings, formatter, out);
        ring = new FastThreadLocal<>() {
            @Override
            protected FactsRing initialValue() {
                var made = new FactsRing(queue, MOST_WEIGHT);
                rings.add(made);
                return made;
            }
        };
    }

    /// Starts the thread that writes.
    ///
    /// @param queue lines that may wait for each event loop
    /// @param out gets whole lines only, several in one write
    public static AccessLog start(Format format, int queue, OutputStream out) {
        AccessLogFormatter formatter =
                switch (format) {
                    case TEXT -> new IstioTextFormat();
                    case JSON -> new IstioJsonFormat();
                };
        var log = new AccessLog(queue, formatter, out);
        log.writer.start();
        return log;
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        if (ring.get().offer(facts)) {
            writer.wake();
        }
    }

    /// Lines that were lost because the writer did not keep up, or could not write.
    public long dropped() {
        long dropped = writer.lost();
        for (FactsRing each : rings) {
            dropped += each.dropped();
        }
        return dropped;
    }

    /// Writes what is waiting, for a few seconds at most; less where nobody reads.
    @Override
    public void close() {
        writer.close();
    }
}
