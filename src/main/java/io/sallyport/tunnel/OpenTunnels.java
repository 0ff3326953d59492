package io.sallyport.tunnel;

import io.sallyport.snapshot.Snapshot;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// What one event loop relays for mesh clients without asking the egress list again. A connection kept alive meets a
/// new list with its next request; a tunnel has none, and may last for days: so it is asked for here.
public final class OpenTunnels {
    /// The response code details of what a change of the list has ended.
    public static final String REVOKED = "egress_no_longer_listed";

    /// Relays bytes to a host of the list.
    public interface Tunnel {
        /// Ends, unless that snapshot's list would let it out as well.
        void recheck(Snapshot current);
    }

    private final Set<Tunnel> open = Collections.newSetFromMap(new IdentityHashMap<>());

    public void add(Tunnel tunnel) {
        open.add(tunnel);
    }

    public void remove(Tunnel tunnel) {
        open.remove(tunnel);
    }

    public void recheck(Snapshot current) {
        List.copyOf(open).forEach(tunnel -> tunnel.recheck(current));
    }
}
