package io.sallyport.testing;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.Workload.JWTBundlesRequest;
import io.spiffe.workloadapi.grpc.Workload.JWTBundlesResponse;
import io.spiffe.workloadapi.grpc.Workload.JWTSVID;
import io.spiffe.workloadapi.grpc.Workload.JWTSVIDRequest;
import io.spiffe.workloadapi.grpc.Workload.JWTSVIDResponse;
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
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

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
    private final List<StreamObserver<JWTBundlesResponse>> keyStreams = new CopyOnWriteArrayList<>();
    private final List<String> audiences = new CopyOnWriteArrayList<>();
    private final AtomicInteger keyStreamsOpened = new AtomicInteger();
    private JWTBundlesResponse keys;
    private Status keyRefusal;
    private Function<String, JWTSVIDResponse> issuer = _ -> {
        throw Status.UNAVAILABLE.asRuntimeException();
    };

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

    /// From now on, for streams that are open and those that come: sets of keys by SPIFFE IDs of trust domains.
    public synchronized void serveKeys(Map<String, String> sets) {
        JWTBundlesResponse.Builder response = JWTBundlesResponse.newBuilder();
        sets.forEach((domain, set) -> response.putBundles(domain, ByteString.copyFromUtf8(set)));
        keys = response.build();
        keyRefusal = null;
        keyStreams.forEach(stream -> stream.onNext(keys));
    }

    /// Ends the streams of keys that are open with this status, and those that come.
    public synchronized void refuseKeys(Status status) {
        keyRefusal = status;
        keyStreams.forEach(stream -> stream.onError(status.asRuntimeException()));
        keyStreams.clear();
    }

    /// Streams of keys that were opened so far.
    public int keyStreamsOpened() {
        return keyStreamsOpened.get();
    }

    /// From now on answers `FetchJWTSVID`.
    ///
    /// @param by of the audience the answer; may throw a status
    public synchronized void issue(Function<String, JWTSVIDResponse> by) {
        issuer = by;
    }

    /// As the other, with one JWT-SVID.
    public void issue(String spiffeId, Function<String, String> token) {
        issue(audience -> JWTSVIDResponse.newBuilder()
                .addSvids(JWTSVID.newBuilder().setSpiffeId(spiffeId).setSvid(token.apply(audience)))
                .build());
    }

    /// The audiences that JWT-SVIDs were asked for, in that order.
    public List<String> audiences() {
        return List.copyOf(audiences);
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
        public void fetchJWTSVID(JWTSVIDRequest request, StreamObserver<JWTSVIDResponse> call) {
            synchronized (TestWorkloadApi.this) {
                String audience = String.join(",", request.getAudienceList());
                audiences.add(audience);
                try {
                    call.onNext(issuer.apply(audience));
                    call.onCompleted();
                } catch (StatusRuntimeException refused) {
                    call.onError(refused);
                }
            }
        }

        @Override
        public void fetchJWTBundles(JWTBundlesRequest request, StreamObserver<JWTBundlesResponse> stream) {
            synchronized (TestWorkloadApi.this) {
                keyStreamsOpened.incrementAndGet();
                if (keyRefusal != null) {
                    stream.onError(keyRefusal.asRuntimeException());
                    return;
                }
                ((ServerCallStreamObserver<JWTBundlesResponse>) stream)
                        .setOnCancelHandler(() -> keyStreams.remove(stream));
                keyStreams.add(stream);
                if (keys != null) {
                    stream.onNext(keys);
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
