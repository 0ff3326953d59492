package io.sallyport.proxy;

import io.sallyport.http.RequestHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.tunnel.OpenTunnels;
import org.jspecify.annotations.Nullable;

/// What a client asked for and what is known of it, from its first byte to its entry in the log. It keeps the
/// snapshot that was current when it began.
abstract class ClientExchange implements StreamListener, OpenTunnels.Member {
    final HttpConnection connection;
    final ServerStream downstream;
    final RequestHead head;
    final Snapshot snapshot;
    final RequestFacts facts = new RequestFacts();
    /// The client has sent all of its request.
    boolean requestEnded;

    /// By the policies of its endpoints; null where there is nothing that could be judged again.
    @Nullable
    Authorization authorization;

    private boolean tunnelled;
    private boolean ended;

    ClientExchange(HttpConnection connection, ServerStream downstream, RequestHead head, Snapshot snapshot) {
        this.connection = connection;
        this.downstream = downstream;
        this.head = head;
        this.snapshot = snapshot;
        FactSheet.begin(facts, connection, head);
    }

    final boolean ended() {
        return ended;
    }

    /// From now on bytes are relayed that nobody judges, so it is rechecked whenever the configuration has changed.
    final void openTunnel() {
        tunnelled = true;
        connection.loop.tunnels.open().add(this);
    }

    /// Completes and reports the facts.
    final void end() {
        ended = true;
        if (tunnelled) {
            connection.loop.tunnels.open().remove(this);
        }
        letGo();
        FactSheet.end(facts);
        connection.loop.observer.onRequestEnd(facts);
    }

    /// Lets go of everything that was held for it.
    abstract void letGo();
}
