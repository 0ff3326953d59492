package io.sallyport.listener;

import io.netty.channel.Channel;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.tls.DownstreamTlsContext;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A downstream connection from accept to close, for those who count and drain them. Lives on its event loop.
final class OpenConnection {
    private final Channel channel;
    private @Nullable String chain;
    private @Nullable Runnable drain;
    private @Nullable Runnable resume;
    private boolean forGood;
    private boolean hurried;
    private volatile boolean draining;
    /// The TLS that the client was let in by, or that trusts it by now; null for plain text.
    private @Nullable DownstreamTlsContext admission;

    private List<X509Certificate> peerChain = List.of();

    OpenConnection(Channel channel) {
        this.channel = channel;
    }

    Channel channel() {
        return channel;
    }

    /// The filter chain that took it, or null before that is known.
    @Nullable
    String chain() {
        return chain;
    }

    /// @param gracefully ends the connection when what is under way is done; perhaps called before this returns
    void assigned(String chainName, Runnable gracefully) {
        assigned(chainName, gracefully, () -> {}, Duration.ZERO);
    }

    /// @param resume takes that back as far as the client does not know of it
    /// @param firstRequest time that a client gets for its first request if the connection opens while the
    ///     gateway drains
    void assigned(String chainName, Runnable gracefully, Runnable resume, Duration firstRequest) {
        chain = chainName;
        drain = gracefully;
        this.resume = resume;
        if (draining && firstRequest.isZero()) {
            gracefully.run();
        } else if (draining) {
            long wait = hurried ? 0 : firstRequest.toMillis();
            channel.eventLoop().schedule(this::drainIfStillDue, wait, TimeUnit.MILLISECONDS);
        }
    }

    /// Its first request, too, gets no more time than what is under way: the process ends soon.
    void hurry() {
        hurried = true;
        drainIfStillDue();
    }

    private void drainIfStillDue() {
        if (draining && drain != null) {
            drain.run();
        }
    }

    /// @param chain the certificates that the client has sent
    void admitted(@Nullable DownstreamTlsContext by, List<X509Certificate> chain) {
        admission = by;
        peerChain = chain;
    }

    /// Whether the filter chain that has succeeded the one that took it trusts its client, too.
    boolean isTrustedBy(FilterChain successor) {
        boolean trusted = successor.stillTrusts(admission, peerChain);
        if (trusted) {
            admission = successor.context();
        }
        return trusted;
    }

    /// Ends the connection as soon as nothing is lost by it. One that has not come to its first request yet is let in
    /// first: the client has done nothing wrong.
    void drain() {
        forGood = true;
        drainForNow();
    }

    /// As [#drain], until [#resume].
    void drainForNow() {
        if (!draining) {
            draining = true;
            if (drain != null) {
                drain.run();
            }
        }
    }

    /// Lets the connection stay that drains for now, unless its client has been told.
    void resume() {
        if (draining && !forGood) {
            draining = false;
            if (resume != null) {
                resume.run();
            }
        }
    }

    /// Any thread may ask.
    boolean isDraining() {
        return draining;
    }

    void close() {
        channel.close();
    }
}
