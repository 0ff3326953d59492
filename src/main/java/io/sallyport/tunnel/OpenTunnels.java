package io.sallyport.tunnel;

import io.sallyport.snapshot.Snapshot;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The open tunnels of one event loop that the egress list let out. A connection kept alive meets a changed list with
/// its next request; a tunnel has none and may last for days, so it is checked here after each change.
public final class OpenTunnels {
    /// The response code details of what a change of the list has ended.
    public static final String REVOKED = "egress_no_longer_listed";

    /// Relays bytes to a host of the list.
    public interface Listed {
        /// Ends, unless that snapshot's list would let it out as well.
        void recheck(Snapshot current);
    }

    private final Set<Listed> open = Collections.newSetFromMap(new IdentityHashMap<>());

    public void add(Listed tunnel) {
        open.add(tunnel);
    }

    public void remove(Listed tunnel) {
        open.remove(tunnel);
    }

    void recheck(Snapshot current) {
        List.copyOf(open).forEach(tunnel -> tunnel.recheck(current));
    }
}
