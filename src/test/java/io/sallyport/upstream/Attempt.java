package io.sallyport.upstream;

import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A request's wait for a connection, which opens a stream at once when it gets one.
public final class Attempt extends Acquisition {
    public final CompletableFuture<Attempt> ended = new CompletableFuture<>();
    public FakeConnections.Fake connection;
    public Endpoint endpoint;
    public Endpoint failed;
    public ProxyException failure;
    public boolean reused;
    int order;
    private static int calls;

    @Override
    protected void onReady(ClientConnection ready, Endpoint of, EndpointFacts facts, boolean isReused) {
        if (ready instanceof FakeConnections.Fake fake) {
            connection = fake;
            fake.begin();
        }
        endpoint = of;
        reused = isReused;
        order = calls++;
        ended.complete(this);
    }

    @Override
    protected void onFailure(ProxyException why, Endpoint of) {
        failure = why;
        failed = of;
        ended.complete(this);
    }

    public Attempt await() {
        return ended.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /// The response has ended. On the event loop.
    public void finish() {
        endpoint.finished(200);
        connection.end();
    }
}
