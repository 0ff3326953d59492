package io.sallyport.proxy;

import io.sallyport.http.RequestHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.tunnel.OpenTunnels;

/// What a client asked for and what is known of it, from its first byte to its entry in the log. It keeps the
/// snapshot that was current when it began.
abstract class ClientExchange implements StreamListener, OpenTunnels.Listed {
    final HttpConnection connection;
    final ServerStream downstream;
    final RequestHead head;
    final Snapshot snapshot;
    final RequestFacts facts = new RequestFacts();
    /// The client has sent all of its request.
    boolean requestEnded;

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

    /// Completes and reports the facts.
    final void end() {
        ended = true;
        connection.closed(this);
        letGo();
        FactSheet.end(facts);
        connection.loop.observer.onRequestEnd(facts);
    }

    /// Lets go of everything that was held for it.
    abstract void letGo();
}
