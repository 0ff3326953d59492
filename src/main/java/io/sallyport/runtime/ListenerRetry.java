package io.sallyport.runtime;

import io.sallyport.listener.ListenerSet;
import io.sallyport.snapshot.BindAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Listeners of the configuration that is served whose ports cannot be bound: says so in the log, and has them tried
/// again, after a second, then after twice as long each time, up to five seconds, for as long as there are any.
///
/// One thread at a time calls [#look]; any may read the rest.
final class ListenerRetry {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// @param because why it cannot be bound, with what would mend it
    /// @param since when it was first not
    record Unbound(BindAddress address, String because, Instant since) {}

    private final Clock clock;
    private final ReloadRetry retry;
    private volatile Map<BindAddress, Unbound> unbound = Map.of();
    private volatile boolean wholeOnce;

    ListenerRetry(Clock clock, ReloadRetry.Schedule schedule) {
        this.clock = clock;
        retry = new ReloadRetry(clock, schedule, LONGEST);
    }

    /// To be called after each attempt to bind them.
    ///
    /// @return lines for the log
    List<String> look(ListenerSet listeners) {
        Map<BindAddress, String> failures = listeners.unbound();
        Map<BindAddress, Unbound> before = unbound;
        Map<BindAddress, Unbound> now = new LinkedHashMap<>();
        failures.forEach((address, because) -> {
            Unbound known = before.get(address);
            now.put(address, new Unbound(address, because, known == null ? clock.instant() : known.since()));
        });
        unbound = now;
        wholeOnce |= now.isEmpty();
        List<String> lines = new ArrayList<>();
        Set<BindAddress> bound = listeners.addresses().keySet();
        before.keySet().stream()
                .filter(bound::contains)
                .map(address -> "listening on " + address + " from now on")
                .forEach(lines::add);
        if (now.isEmpty()) {
            retry.settled();
        } else if (retry.refused(List.copyOf(failures.values()), true)) {
            failures.values().forEach(because -> lines.add(because + ". It is tried again; all else is served"));
        }
        return lines;
    }

    Collection<Unbound> unbound() {
        return unbound.values();
    }

    /// Whether all that a configuration asked for have been bound at some time.
    boolean hasBeenWhole() {
        return wholeOnce;
    }

    /// When the next attempt is due; null for none.
    @Nullable
    Instant due() {
        return retry.due();
    }
}
