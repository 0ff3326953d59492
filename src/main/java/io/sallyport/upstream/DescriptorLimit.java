package io.sallyport.upstream;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How many file descriptors connections may take, and how they are shared out, so that no kind of them takes all: a
/// process without descriptors can neither accept, nor connect, nor read a file, nor load a class.
///
/// What there is to share is the process's limit (`RLIMIT_NOFILE`), which may change while it runs, without what was
/// open before the first connection. The shares of clients' and of all endpoints' connections leave an eighth for
/// files and for the ports of health and administration; the others are parts of the endpoints' share.
public final class DescriptorLimit {
    /// What descriptors are taken for.
    public enum Use {
        /// Clients' connections.
        CLIENTS(8),
        /// Connections to endpoints, whatever for.
        ENDPOINTS(6),
        /// Connections to one destination: what leads back to this process without being seen to takes no more.
        DESTINATION(3),
        /// Connections to endpoints that are being made.
        DIALS(4),
        /// Relays of bytes: their connections to endpoints.
        TUNNELS(4),
        /// Copies of requests that mirrors have not answered.
        MIRRORS(2);

        private final int sixteenths;

        Use(int sixteenths) {
            this.sixteenths = sixteenths;
        }
    }

    /// Response code details of a request for which no descriptor was left.
    public static final String REACHED = "descriptor_limit_reached";

    private static final DescriptorLimit PROCESS =
            new DescriptorLimit(OfProcess::most, OfProcess::open, System::nanoTime);
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
    /// Shared out even if the limit leaves fewer, so that traffic does not stop altogether.
    private static final int LEAST = 16;

    private final LongSupplier most;
    private final LongSupplier open;
    private final LongSupplier nanoTime;
    private final AtomicInteger[] used = new AtomicInteger[Use.values().length];
    private volatile @Nullable Reading reading;
    private long before = -1;

    /// @param shared out
    private record Reading(long shared, long atNanos) {}

    /// @param most the process's limit
    /// @param open descriptors that are open, read once
    DescriptorLimit(LongSupplier most, LongSupplier open, LongSupplier nanoTime) {
        this.most = most;
        this.open = open;
        this.nanoTime = nanoTime;
        for (int i = 0; i < used.length; i++) {
            used[i] = new AtomicInteger();
        }
    }

    /// Of this process. To be asked for the first time before the first connection.
    public static DescriptorLimit ofProcess() {
        return PROCESS;
    }

    /// How many descriptors there are to share out.
    public int shared() {
        Reading last = reading;
        long now = nanoTime.getAsLong();
        if (last == null || now - last.atNanos > FRESH_NANOS) {
            last = new Reading(read(), now);
            reading = last;
        }
        return (int) Math.min(last.shared, Integer.MAX_VALUE);
    }

    private synchronized long read() {
        if (before < 0) {
            before = open.getAsLong();
        }
        return Math.max(LEAST, most.getAsLong() - before);
    }

    /// The most that this use may have at once.
    public int share(Use use) {
        return (int) Math.max(1, (long) shared() * use.sixteenths / 16);
    }

    /// Takes a descriptor of a use's share, to be given back by [#giveBack].
    ///
    /// @return false where all of the share is taken
    public boolean take(Use use) {
        AtomicInteger count = used[use.ordinal()];
        if (count.incrementAndGet() <= share(use)) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    public void giveBack(Use use) {
        used[use.ordinal()].decrementAndGet();
    }

    /// How many are taken.
    public int used(Use use) {
        return used[use.ordinal()].get();
    }

    /// Whether the failure is the system's error for a limit of descriptors that is reached, the process's or its
    /// own (`EMFILE`, `ENFILE`).
    public static boolean isReached(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && message.contains("Too many open files")) {
                return true;
            }
        }
        return false;
    }

    /// What the system says of this process.
    private static final class OfProcess {
        static long most() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? unix.getMaxFileDescriptorCount()
                    : Integer.MAX_VALUE;
        }

        static long open() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? Math.max(0, unix.getOpenFileDescriptorCount())
                    : 0;
        }
    }
}
