package io.sallyport.tunnel;

import io.sallyport.snapshot.Snapshot;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The open tunnels of one event loop. A connection kept alive meets changed policies and a changed egress list with
/// its next request; a tunnel has none and may last for days, so it is checked here after each change.
public final class OpenTunnels {
    /// The response code details of what a change of the egress list has ended.
    public static final String REVOKED = "egress_no_longer_listed";

    /// Relays bytes.
    public interface Member {
        /// Ends, unless that snapshot's policies and egress list would let it pass as well.
        void recheck(Snapshot current);
    }

    private final Set<Member> open = Collections.newSetFromMap(new IdentityHashMap<>());

    public void add(Member tunnel) {
        open.add(tunnel);
    }

    public void remove(Member tunnel) {
        open.remove(tunnel);
    }

    void recheck(Snapshot current) {
        List.copyOf(open).forEach(tunnel -> tunnel.recheck(current));
    }
}
