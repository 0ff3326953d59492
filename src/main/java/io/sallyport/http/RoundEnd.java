package io.sallyport.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import org.jboss.logging.Logger;

/// The end of an event loop's round, when what its connections have written leaves.
///
/// A round reads all sockets that are ready. Sending within it, one message at a time, would make the processor go
/// back and forth between the code of requests and the kernel's, neither of which fits its cache beside the other,
/// and wake a peer for each message that could have found it awake.
public final class RoundEnd implements Runnable {
    private static final Logger LOG = Logger.getLogger(RoundEnd.class);
    private static final FastThreadLocal<RoundEnd> CURRENT = new FastThreadLocal<>();

    private final EventExecutor loop;
    private final ArrayDeque<Runnable> due = new ArrayDeque<>();
    private boolean scheduled;

    private RoundEnd(EventExecutor loop) {
        this.loop = loop;
    }

    /// The rounds of the loop on whose thread this is called.
    public static RoundEnd of(EventExecutor loop) {
        RoundEnd current = CURRENT.get();
        if (current == null || current.loop != loop) {
            current = new RoundEnd(loop);
            CURRENT.set(current);
        }
        return current;
    }

    /// Has something run once at the end of the round under way; at once if the loop is about to end, since it may
    /// accept no more.
    public void add(Runnable sender) {
        if (loop.isShuttingDown()) {
            sender.run();
            return;
        }
        due.add(sender);
        if (!scheduled) {
            scheduled = true;
            loop.execute(this);
        }
    }

    /// Called by the loop. What is added meanwhile waits for its next round.
    @Override
    public void run() {
        try {
            for (int left = due.size(); left > 0; left--) {
                send(due.remove());
            }
        } finally {
            scheduled = !due.isEmpty();
            if (scheduled) {
                loop.execute(this);
            }
        }
    }

    /// Whatever fails is one connection's: the others must be able to send, now and later.
    private static void send(Runnable sender) {
        try {
            sender.run();
        } catch (Throwable failure) {
            LOG.error("A connection could not send", failure);
        }
    }
}
