package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.io.OutputStream;
import java.time.Duration;

/// The access log. Event loops only put the facts of a request into a [FactsQueue], whose thread formats and writes. A
/// reader of standard output that stands still costs lines, which are counted, but never time of a request.
public final class AccessLog implements RequestObserver, AutoCloseable {
    public enum Format {
        TEXT,
        JSON
    }

    private static final Duration GATHERING = Duration.ofMillis(5);

    private final AccessLogWriter writer;
    private final FactsQueue queue;

    private AccessLog(int capacity, AccessLogFormatter formatter, OutputStream out) {
        writer = new AccessLogWriter(formatter, out, LogFile::of, System::nanoTime);
        queue = new FactsQueue("sallyport-access-log", capacity, GATHERING, writer);
    }

    /// Starts the thread that writes.
    ///
    /// @param capacity lines that may wait for each event loop
    /// @param out gets whole lines only, several in one write; of requests whose configuration names no file
    public static AccessLog start(Format format, int capacity, OutputStream out) {
        AccessLogFormatter formatter =
                switch (format) {
                    case TEXT -> new IstioTextFormat();
                    case JSON -> new IstioJsonFormat();
                };
        var log = new AccessLog(capacity, formatter, out);
        log.queue.start();
        return log;
    }

    /// What writes to the file of that path, `/dev/stdout` and `/dev/stderr` among them. Nothing is opened yet.
    public static OutputStream file(String path) {
        return LogFile.of(path);
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        queue.offer(facts);
    }

    /// Lines that were lost because the writer did not keep up, or could not write.
    public long dropped() {
        return writer.lost() + queue.dropped();
    }

    /// Writes what is waiting, for a few seconds at most; less where nobody reads.
    @Override
    public void close() {
        queue.close();
    }
}
