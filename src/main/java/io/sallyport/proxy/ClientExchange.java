package io.sallyport.proxy;

import io.sallyport.http.RequestHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.snapshot.ByGateway;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.trace.Traces;
import io.sallyport.trace.Tracing;
import io.sallyport.tunnel.OpenTunnels;
import java.util.List;
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

    /// How it is traced; null where it is not.
    @Nullable
    Tracing tracing;

    private boolean tunnelled;
    private boolean ended;

    ClientExchange(HttpConnection connection, ServerStream downstream, RequestHead head, Snapshot snapshot) {
        this.connection = connection;
        this.downstream = downstream;
        this.head = head;
        this.snapshot = snapshot;
        FactSheet.begin(facts, connection, head, plan(snapshot.log().requests()), plan(snapshot.metrics()));
    }

    /// Begins its part of a trace. Must come before its fields are edited.
    ///
    /// @param application that serves it, which knows the Gateways that offer the host
    final void beginTrace(FilterChain.@Nullable Application application) {
        Traces traces = snapshot.traces();
        tracing = traces.at(traces.hasGateways() ? gateways(application) : List.of());
        if (tracing != null) {
            FactSheet.trace(
                    facts,
                    connection,
                    tracing.begin(head.headers, connection.mayForceTraces(), connection.loop.random));
        }
    }

    private <P> @Nullable P plan(ByGateway<P> plans) {
        return plans.hasGateways() ? plans.at(gateways(connection.application(snapshot))) : plans.instance();
    }

    /// Those that offer the host.
    private List<String> gateways(FilterChain.@Nullable Application application) {
        HttpHost host = application instanceof FilterChain.Http http
                ? http.hosts().lookup(connection.host(head.authority).host())
                : null;
        return host == null ? List.of() : host.gateways();
    }

    /// Writes the trace into the head, which is about to be sent.
    final void passTraceOn() {
        RequestTrace trace = facts.trace;
        if (tracing != null && trace != null) {
            trace.attemptConnected(facts.endpoint.address());
            tracing.inject(trace, head.headers);
        }
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
        if (facts.log != null) {
            FactSheet.request(facts.log, head.headers);
        }
        FactSheet.end(facts);
        RegexMatch.begin();
        connection.loop.observer.onRequestEnd(facts);
        head.headers.release();
    }

    /// Lets go of everything that was held for it.
    abstract void letGo();
}
