package io.sallyport.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.HealthCheckSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One health check: a connection of its own and, but for TCP, a request over it. It does not count as a connection or
/// request of the cluster.
final class HealthProbe implements Dial.Listener, ClientConnection.Owner, ResponseListener {
    interface Listener {
        /// Once.
        void onResult(boolean passed);

        /// Instead of [#onResult], if the gateway had no descriptor for the probe.
        void onNoResult();
    }

    private static final AsciiString AGENT = AsciiString.cached("sallyport-health-check");

    private final UpstreamBootstrap bootstrap;
    private final HealthCheckSpec spec;
    private final Listener listener;
    private final AlpnOffer offer;
    private final ClusterSpec cluster;
    private final GrpcHealth grpc = new GrpcHealth();
    private final Dial dial;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable Channel channel;
    private @Nullable ClientConnection connection;
    private boolean sent;
    private int status;
    private boolean over;

    HealthProbe(
            UpstreamBootstrap bootstrap, Cluster cluster, Endpoint target, HealthCheckSpec spec, Listener listener) {
        this.bootstrap = bootstrap;
        this.cluster = cluster.spec();
        this.spec = spec;
        this.listener = listener;
        offer = offer(spec, this.cluster.protocol());
        ProxyHeader header = ProxyHeader.of(this.cluster, null);
        dial = new Dial(bootstrap, cluster, target, this.cluster.host(), offer.protocols(), header, null, false, this);
    }

    private static AlpnOffer offer(HealthCheckSpec spec, UpstreamProtocol protocol) {
        return switch (spec.type()) {
            case GRPC -> AlpnOffer.HTTP2;
            case TCP -> AlpnOffer.HTTP1;
            case HTTP ->
                switch (protocol) {
                    case HTTP2, GRPC_WEB -> AlpnOffer.HTTP2;
                    case ALPN -> AlpnOffer.EITHER;
                    default -> AlpnOffer.HTTP1;
                };
        };
    }

    void start() {
        deadline = bootstrap.loop().schedule(() -> end(false), spec.timeout().toNanos(), TimeUnit.NANOSECONDS);
        dial.start();
    }

    private void end(boolean passed) {
        if (over) {
            return;
        }
        over = true;
        dial.settle();
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (connection != null) {
            connection.close();
        } else if (channel != null) {
            channel.close();
        } else {
            dial.cancel();
        }
        listener.onResult(passed);
    }

    @Override
    public void onConnected(Channel connected, @Nullable String alpn) {
        dial.settle();
        channel = connected;
        if (spec.type() == HealthCheckSpec.Type.TCP) {
            end(true);
            return;
        }
        connection = ConnectionFactory.HTTP.create(connected, offer.version(alpn), HttpLimits.DEFAULT, null, this);
        send();
    }

    @Override
    public void onFailed(ProxyException failure) {
        if (failure.flag() != ResponseFlag.UO) {
            end(false);
        } else if (!over) {
            over = true;
            if (deadline != null) {
                deadline.cancel(false);
            }
            listener.onNoResult();
        }
    }

    private void send() {
        ClientConnection to = connection;
        if (sent || over || to == null || to.availableStreams() == 0) {
            return;
        }
        sent = true;
        boolean isGrpc = spec.type() == HealthCheckSpec.Type.GRPC;
        Headers headers = new Headers(8);
        headers.add(HeaderNames.USER_AGENT, AGENT);
        if (isGrpc) {
            GrpcHealth.addTo(headers);
        }
        RequestHead head = new RequestHead(
                to.version(),
                isGrpc ? "POST" : "GET",
                cluster.tls() == null ? "http" : "https",
                cluster.host(),
                isGrpc ? GrpcHealth.PATH : spec.path(),
                headers);
        head.contentLength = isGrpc ? RequestHead.UNKNOWN_LENGTH : 0;
        ClientStream stream = to.open(head, !isGrpc, this);
        if (isGrpc && !over) {
            stream.writeData(GrpcHealth.question(spec.path()), true);
        }
        if (!over) {
            stream.flush();
        }
    }

    // Of the connection.

    @Override
    public void onAvailable(ClientConnection from) {
        send();
    }

    @Override
    public void onDraining(ClientConnection from) {
        if (!sent) {
            end(false);
        }
    }

    @Override
    public void onClosed(ClientConnection from) {
        end(false);
    }

    // Of the response.

    @Override
    public void onInformational(int code, Headers headers) {}

    @Override
    public void onHead(ResponseHead head, boolean end) {
        status = head.status;
        grpc.onFields(head.headers);
        if (end || spec.type() == HealthCheckSpec.Type.HTTP) {
            end(hasPassed());
        }
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        grpc.onData(data);
        data.release();
        if (end) {
            end(hasPassed());
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        grpc.onFields(trailers);
        end(hasPassed());
    }

    private boolean hasPassed() {
        return status >= 200 && status < 300 && (spec.type() == HealthCheckSpec.Type.HTTP || grpc.isServing());
    }

    @Override
    public void onReset(StreamError error, String details) {
        end(false);
    }

    @Override
    public void onWritable() {}

    @Override
    public void onReadComplete() {}
}
