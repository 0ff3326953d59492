package io.sallyport.cluster.dns;

import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// The names that clusters wait for, each looked up once for all of them, on one event loop.
public final class NameResolution {
    private final EventLoop loop;
    private final AddressLookup lookup;
    private final DnsSettings settings;
    private final Map<String, NameWatch> watches = new HashMap<>();

    /// Looks names up by DNS on this event loop.
    public NameResolution(EventLoop loop, DnsSettings settings) {
        this(loop, new DnsLookup(loop, settings), settings);
    }

    NameResolution(EventLoop loop, AddressLookup lookup, DnsSettings settings) {
        this.loop = loop;
        this.lookup = lookup;
        this.settings = settings;
    }

    /// Where listeners are called.
    public EventLoop eventLoop() {
        return loop;
    }

    /// A listener's interest in a name, not started yet.
    ///
    /// @param name a DNS name in lower case
    public Watch watch(String name, AddressListener listener) {
        return new Watch(name, listener);
    }

    /// Never runs the task at once, so that no listener is called from within its own call.
    private void onLoop(Runnable task) {
        if (!loop.isShuttingDown()) {
            loop.execute(task);
        }
    }

    /// One listener's interest in one name. Any thread may call it; the listener is called on the event loop of the
    /// look-ups.
    public final class Watch {
        private final String name;
        private final AddressListener listener;

        private Watch(String name, AddressListener listener) {
            this.name = name;
            this.listener = listener;
        }

        /// The listener is called from now on.
        public void start() {
            onLoop(this::begin);
        }

        /// Ends the interest; a name that nobody listens to is looked up no more.
        public void close() {
            onLoop(this::end);
        }

        private void begin() {
            NameWatch watch = watches.get(name);
            boolean isNew = watch == null;
            if (watch == null) {
                watch = new NameWatch(name, lookup, settings, loop, ThreadLocalRandom.current());
                watches.put(name, watch);
            }
            watch.add(listener);
            if (isNew) {
                watch.lookUp();
            }
        }

        private void end() {
            NameWatch watch = watches.get(name);
            if (watch != null && watch.remove(listener)) {
                watches.remove(name);
                watch.close();
            }
        }
    }
}
