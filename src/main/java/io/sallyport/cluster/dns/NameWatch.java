package io.sallyport.cluster.dns;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps one name's addresses current for all its listeners. Everything happens on one event loop.
final class NameWatch {
    /// Look-ups are put off by up to this share, so that names that were resolved together do not stay together.
    private static final double JITTER = 0.1;

    private static final int LARGEST_SHIFT = 20;
    private static final Comparator<InetAddress> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getAddress(), b.getAddress());

    private final String name;
    private final AddressLookup lookup;
    private final DnsSettings settings;
    private final EventLoop loop;
    private final RandomGenerator random;
    private final List<AddressListener> listeners = new ArrayList<>();
    private @Nullable List<InetAddress> addresses;
    private @Nullable String failure;
    private @Nullable ScheduledFuture<?> timer;
    private int failures;
    private boolean closed;

    NameWatch(String name, AddressLookup lookup, DnsSettings settings, EventLoop loop, RandomGenerator random) {
        this.name = name;
        this.lookup = lookup;
        this.settings = settings;
        this.loop = loop;
        this.random = random;
    }

    /// Reports to the new listener at once what is known.
    void add(AddressListener listener) {
        listeners.add(listener);
        List<InetAddress> known = addresses;
        if (known != null) {
            listener.onAddresses(known);
        } else if (failure != null) {
            listener.onFailure(failure);
        }
    }

    /// @return true where it was the last listener
    boolean remove(AddressListener listener) {
        listeners.remove(listener);
        return listeners.isEmpty();
    }

    void lookUp() {
        timer = null;
        if (!closed) {
            lookup.resolve(name, this::onAnswer);
        }
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void onAnswer(Answer answer) {
        if (closed) {
            return;
        }
        switch (answer) {
            case Answer.Found found -> {
                failures = 0;
                report(found.addresses().stream()
                        .map(NameWatch::withoutName)
                        .distinct()
                        .sorted(BY_BYTES)
                        .toList());
                schedule(
                        found.ttlSeconds() == Answer.Found.NO_TTL
                                ? settings.hostsFile()
                                : bounded(Duration.ofSeconds(found.ttlSeconds())));
            }
            case Answer.NoSuchName none -> {
                failures = 0;
                report(List.of());
                schedule(settings.negative());
            }
            case Answer.Failed failed -> {
                String reason = failed.reason();
                failure = reason;
                for (AddressListener listener : List.copyOf(listeners)) {
                    listener.onFailure(reason);
                }
                schedule(backOff(failures++));
            }
        }
    }

    private void report(List<InetAddress> found) {
        if (found.equals(addresses) && failure == null) {
            return;
        }
        addresses = found;
        failure = null;
        for (AddressListener listener : List.copyOf(listeners)) {
            listener.onAddresses(found);
        }
    }

    /// So that an address is printed without the name that was looked up.
    private static InetAddress withoutName(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Duration bounded(Duration ttl) {
        if (ttl.compareTo(settings.shortest()) < 0) {
            return settings.shortest();
        }
        return ttl.compareTo(settings.longest()) > 0 ? settings.longest() : ttl;
    }

    private Duration backOff(int before) {
        Duration pause = settings.firstRetry().multipliedBy(1L << Math.min(before, LARGEST_SHIFT));
        return pause.compareTo(settings.longestRetry()) > 0 ? settings.longestRetry() : pause;
    }

    private void schedule(Duration pause) {
        if (closed || loop.isShuttingDown()) {
            return;
        }
        long nanos = pause.toNanos();
        timer = loop.schedule(
                this::lookUp, nanos + (long) (nanos * JITTER * random.nextDouble()), TimeUnit.NANOSECONDS);
    }
}
