package io.sallyport.testing;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.Workload.X509BundlesRequest;
import io.spiffe.workloadapi.grpc.Workload.X509BundlesResponse;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDRequest;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A SPIFFE Workload API as its specification has it, on grpc-java: every open stream gets what [#serve] says, whole,
/// as soon as it is said. Its messages are java-spiffe's.
public final class TestWorkloadApi implements AutoCloseable {
    private static final Metadata.Key<String> SECURITY =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private final Server server;
    private final List<StreamObserver<X509SVIDResponse>> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private X509SVIDResponse answer;
    private Status refusal;

    private TestWorkloadApi(NettyServerBuilder at) {
        try {
            server = at.addService(ServerInterceptors.intercept(new Api(), new SecurityHeader()))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// On a port of the loopback.
    public static TestWorkloadApi start() {
        return new TestWorkloadApi(
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    /// At a Unix socket.
    public static TestWorkloadApi start(Path socket) {
        EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
        return new TestWorkloadApi(NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops));
    }

    public String address() {
        return "tcp://127.0.0.1:" + server.getPort();
    }

    /// Streams that were opened so far.
    public int opened() {
        return opened.get();
    }

    public int open() {
        return streams.size();
    }

    /// An SVID as its message; its bundle is the root that it was issued under.
    public static X509SVID svid(String spiffeId, Issued issued, String hint) {
        return X509SVID.newBuilder()
                .setSpiffeId(spiffeId)
                .setX509Svid(der(issued.chain()))
                .setX509SvidKey(ByteString.copyFrom(issued.key().getEncoded()))
                .setBundle(der(List.of(issued.root())))
                .setHint(hint)
                .build();
    }

    /// Certificates as they stand in messages, one after the other.
    public static ByteString der(List<X509Certificate> certificates) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (X509Certificate certificate : certificates) {
                all.writeBytes(certificate.getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
        return ByteString.copyFrom(all.toByteArray());
    }

    /// From now on, for streams that are open and those that come.
    public synchronized void serve(X509SVIDResponse response) {
        answer = response;
        refusal = null;
        streams.forEach(stream -> stream.onNext(response));
    }

    public void serve(X509SVID... svids) {
        serve(X509SVIDResponse.newBuilder().addAllSvids(List.of(svids)).build());
    }

    /// Ends all streams with this status, and those that come.
    public synchronized void refuse(Status status) {
        refusal = status;
        end(status);
    }

    /// Ends the streams that are open.
    public synchronized void end(Status status) {
        streams.forEach(stream -> stream.onError(status.asRuntimeException()));
        streams.clear();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Api extends SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase {
        @Override
        public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> stream) {
            synchronized (TestWorkloadApi.this) {
                opened.incrementAndGet();
                if (refusal != null) {
                    stream.onError(refusal.asRuntimeException());
                    return;
                }
                ((ServerCallStreamObserver<X509SVIDResponse>) stream).setOnCancelHandler(() -> streams.remove(stream));
                streams.add(stream);
                if (answer != null) {
                    stream.onNext(answer);
                }
            }
        }

        @Override
        public void fetchX509Bundles(X509BundlesRequest request, StreamObserver<X509BundlesResponse> stream) {
            stream.onError(Status.UNIMPLEMENTED.asRuntimeException());
        }
    }

    /// SPIFFE Workload Endpoint section 3.
    private static final class SecurityHeader implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if ("true".equals(headers.get(SECURITY))) {
                return next.startCall(call, headers);
            }
            call.close(Status.INVALID_ARGUMENT.withDescription("security header missing"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }
}
