package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Relays the bytes of a downstream connection to an endpoint and back. Each direction is read only as fast as the
/// other side takes it, and ends by itself: a client may say that it is done and still get its answer. A reset is
/// passed on as a reset.
public final class TcpTunnel implements TunnelConnector.Callback {
    private final Duration idleTimeout;
    private final TunnelSide downstream;
    private @Nullable TunnelSide upstream;
    private TunnelConnector.@Nullable Completion completion;
    private @Nullable Runnable attempt;
    private @Nullable IdleWatch idle;
    private boolean over;

    private TcpTunnel(Channel channel, Duration idleTimeout) {
        downstream = new TunnelSide(this, channel);
        this.idleTimeout = idleTimeout;
    }

    /// Begins a tunnel; called on the channel's event loop. The channel's further bytes belong to it, among them any
    /// that an earlier handler still holds.
    ///
    /// @param idleTimeout without a byte in either direction, after which both sides are closed, where the cluster
    ///     does not say
    public static TcpTunnel start(Channel channel, TunnelConnector connector, Duration idleTimeout) {
        TcpTunnel tunnel = new TcpTunnel(channel, idleTimeout);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(tunnel.downstream);
        Runnable cancel = connector.connect(tunnel);
        if (tunnel.completion == null && !tunnel.over) {
            tunnel.attempt = cancel;
        }
        return tunnel;
    }

    @Override
    public void onConnected(Channel channel, TunnelConnector.Completion account) {
        attempt = null;
        if (over) {
            channel.close();
            account.end(0, 0, ResponseFlag.DC, "downstream_closed_before_upstream_connected");
            return;
        }
        completion = account;
        TunnelSide side = new TunnelSide(this, channel);
        upstream = side;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(side);
        Duration ofCluster = account.idleTimeout();
        idle = IdleWatch.start(
                channel.eventLoop(),
                ofCluster == null ? idleTimeout : ofCluster,
                () -> end(ResponseFlag.SI, "tcp_idle_timeout"));
        side.joinTo(downstream);
        downstream.joinTo(side);
    }

    @Override
    public void onRefused(ProxyException reason) {
        attempt = null;
        over = true;
        downstream.close();
    }

    @Override
    public void onRevoked(String details) {
        end(ResponseFlag.RBAC, details);
        downstream.reset();
        if (upstream != null) {
            upstream.reset();
        }
    }

    /// Closes both sides now.
    public void close() {
        end(null, "tunnel_closed");
    }

    void onBytes() {
        if (idle != null) {
            idle.onActivity();
        }
    }

    /// One direction has ended in order; the tunnel has when both have.
    void onEndOfStream() {
        if (upstream != null && upstream.isInputOver() && downstream.isInputOver()) {
            end(null, "tunnel_completed");
        }
    }

    /// A side is gone altogether.
    ///
    /// @param reset not in order: the other side shall hear of it in the same way
    void onGone(TunnelSide side, boolean reset) {
        boolean client = side == downstream;
        if (reset) {
            TunnelSide other = client ? upstream : downstream;
            if (other != null) {
                other.reset();
            }
            end(client ? ResponseFlag.DC : ResponseFlag.UC, client ? "downstream_reset" : "upstream_reset");
        } else {
            end(null, "tunnel_completed");
        }
    }

    private void end(@Nullable ResponseFlag flag, String details) {
        if (over) {
            return;
        }
        over = true;
        if (idle != null) {
            idle.stop();
        }
        if (attempt != null) {
            attempt.run();
        }
        downstream.close();
        if (upstream != null && completion != null) {
            upstream.close();
            completion.end(downstream.bytesRead(), upstream.bytesRead(), flag, details);
        }
    }
}
