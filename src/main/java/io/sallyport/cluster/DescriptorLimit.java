package io.sallyport.cluster;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How many file descriptors connections may take, and how they are shared out, so that no kind of them takes all: a
/// process without descriptors can neither accept, nor connect, nor read a file, nor load a class.
///
/// What there is to share is the process's limit (`RLIMIT_NOFILE`), which may change while it runs, without what is
/// open besides connections. The shares of clients' and of all endpoints' connections leave an eighth for files and
/// for the ports of health and administration; the others are parts of the endpoints' share.
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

    private static final DescriptorLimit PROCESS = new DescriptorLimit(OfProcess::most, OfProcess::open);
    /// Shared out even if the limit leaves fewer, so that traffic does not stop altogether.
    private static final int LEAST = 16;

    private static final long UNKNOWN = -1;
    private static final int LEAST_FOR_SERVICE_PORT = 4;
    private static final int MOST_FOR_SERVICE_PORT = 256;

    private final LongSupplier most;
    private final LongSupplier open;
    private final AtomicInteger[] used = new AtomicInteger[Use.values().length];
    private volatile long others = UNKNOWN;

    /// @param most the process's limit, read whenever a descriptor is taken: one that was read earlier may be too high
    /// @param open descriptors that are open
    DescriptorLimit(LongSupplier most, LongSupplier open) {
        this.most = most;
        this.open = open;
        for (int i = 0; i < used.length; i++) {
            used[i] = new AtomicInteger();
        }
    }

    public static DescriptorLimit ofProcess() {
        return PROCESS;
    }

    /// Measures what is open besides connections. To be called once all is open that serving needs; until then, what
    /// was open when a descriptor was first taken counts.
    public void measure() {
        others = Math.max(0, open.getAsLong() - used(Use.CLIENTS) - used(Use.ENDPOINTS));
    }

    /// How many descriptors there are to share out.
    public int shared() {
        if (others == UNKNOWN) {
            measure();
        }
        return (int) Math.clamp(most.getAsLong() - others, LEAST, Integer.MAX_VALUE);
    }

    /// The most that this use may have at once.
    public int share(Use use) {
        return (int) Math.max(1, (long) shared() * use.sixteenths / 16);
    }

    /// The most connections to the port of health, and to that of administration: a quarter each of what is left to
    /// files and them.
    public int forServicePort() {
        return Math.clamp(shared() / 32, LEAST_FOR_SERVICE_PORT, MOST_FOR_SERVICE_PORT);
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
        /// Looked up where the process runs: a native image must not hold the one of its build.
        private static volatile @Nullable UnixOperatingSystemMXBean system;

        static long most() {
            UnixOperatingSystemMXBean unix = system();
            return unix == null ? Integer.MAX_VALUE : unix.getMaxFileDescriptorCount();
        }

        static long open() {
            UnixOperatingSystemMXBean unix = system();
            return unix == null ? 0 : Math.max(0, unix.getOpenFileDescriptorCount());
        }

        private static @Nullable UnixOperatingSystemMXBean system() {
            if (system == null
                    && ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
                system = unix;
            }
            return system;
        }
    }
}
