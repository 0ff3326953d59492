package io.sallyport.cli;

import io.sallyport.telemetry.LineQueue;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Collections;
import java.util.logging.Handler;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.jspecify.annotations.Nullable;

/// Standard output and standard error of a process that serves: no thread that writes to them, or logs, ever waits for
/// whoever reads them. A pipe that nobody reads costs lines, which are counted, and delays the end of the process by
/// [#STANDSTILL].
public final class StandardStreams {
    /// At the end of the process, for what is still queued.
    private static final Duration LONGEST_FLUSH = Duration.ofSeconds(5);

    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    private static volatile @Nullable StandardStreams installed;

    private final LineQueue out = queue("standard-output", FileDescriptor.out);
    private final LineQueue err = queue("standard-error", FileDescriptor.err);

    private StandardStreams() {}

    /// Replaces [System#out] and [System#err]. To be called before the first use of logging.
    public static void install() {
        var streams = new StandardStreams();
        System.setOut(printing(streams.out, System.out.charset()));
        System.setErr(printing(streams.err, System.err.charset()));
        installed = streams;
    }

    /// Directs the log, which must have been configured, to the same queues: in a native executable, its console
    /// handlers use the streams that the process began with.
    ///
    /// @param toStandardError whether the console's log goes to standard error
    public static void adoptLog(boolean toStandardError) {
        StandardStreams streams = installed;
        if (streams == null) {
            return;
        }
        LineQueue queue = toStandardError ? streams.err : streams.out;
        LogContext context = LogContext.getLogContext();
        adopt(context.getLogger("").getHandlers(), queue);
        for (String name : Collections.list(context.getLoggerNames())) {
            adopt(context.getLogger(name).getHandlers(), queue);
        }
    }

    private static void adopt(Handler[] handlers, LineQueue queue) {
        for (Handler handler : handlers) {
            if (handler instanceof ConsoleHandler console) {
                console.setOutputStream(queue.stream());
                console.setFilter(new RepeatFilter(console.getFilter(), System::nanoTime));
            } else if (handler instanceof ExtHandler outer) {
                adopt(outer.getHandlers(), queue);
            }
        }
    }

    /// Messages that were lost because nobody read them in time.
    static long dropped() {
        StandardStreams streams = installed;
        return streams == null ? 0 : streams.out.dropped() + streams.err.dropped();
    }

    private static LineQueue queue(String name, FileDescriptor descriptor) {
        LineQueue queue = LineQueue.start(name, new FileOutputStream(descriptor));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform()
                        .name("sallyport-flush-" + name)
                        .unstarted(() -> queue.flush(LONGEST_FLUSH, STANDSTILL)));
        return queue;
    }

    private static PrintStream printing(LineQueue queue, Charset charset) {
        OutputStream stream = queue.stream();
        return new PrintStream(stream, true, charset);
    }
}
