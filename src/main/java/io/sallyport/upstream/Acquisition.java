package io.sallyport.upstream;

import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import org.jspecify.annotations.Nullable;

/// One attempt's wait for a connection. The proxy's object of an attempt extends it, so that waiting allocates nothing.
/// Used on one event loop, and for one [UpstreamLoop#acquire] at a time.
public abstract class Acquisition {
    @Nullable
    Acquisition previous;

    @Nullable
    Acquisition next;

    @Nullable
    WaitingRoom room;

    @Nullable
    Endpoint endpoint;

    /// A connection with room for a request. The stream must be opened before this returns, or not at all. From here
    /// on the endpoint counts the request: one of [Endpoint#finished], [Endpoint#failed] and [Endpoint#released]
    /// must be called exactly once, also where no stream was opened.
    ///
    /// @param facts of that endpoint and connection
    /// @param reused true where the connection has carried a request before: if it turns out closed before a byte
    ///     of the response, the peer has most likely closed it while idle
    protected abstract void onReady(
            ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused);

    /// There will be no connection. The endpoint's accounting is complete already.
    ///
    /// @param endpoint the one that failed, to be excluded from a retry; null where none was found
    protected abstract void onFailure(ProxyException failure, @Nullable Endpoint endpoint);

    /// Leaves the queue; neither callback is called any more. Does nothing after one of them was.
    public final void cancel() {
        Endpoint left = leave();
        if (left != null) {
            left.notSent();
        }
    }

    /// Leaves the queue as [#cancel()] does, because it took too long: that is the endpoint's failure, unless
    /// the cluster's limit on connections was all that it waited for.
    ///
    /// @return the endpoint, to be excluded from a retry; null where none waited for one
    public final @Nullable Endpoint giveUp(ResponseFlag because) {
        boolean dialled = room != null && room.isDialled();
        Endpoint left = leave();
        if (left != null && dialled) {
            left.connectFailed(because);
        } else if (left != null) {
            left.notSent();
        }
        return left;
    }

    private @Nullable Endpoint leave() {
        WaitingRoom current = room;
        if (current == null) {
            return null;
        }
        current.remove(this);
        Endpoint left = endpoint;
        endpoint = null;
        return left;
    }

    /// True from [UpstreamLoop#acquire] to the callback or [#cancel()].
    public final boolean isWaiting() {
        return room != null;
    }
}
