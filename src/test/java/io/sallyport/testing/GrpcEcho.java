package io.sallyport.testing;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;

/// A gRPC service whose messages are text: one method of each type, written without generated code. It ignores the
/// deadline of a call: where a call ends early, the gateway or the client has ended it.
public final class GrpcEcho implements AutoCloseable {
    public static final Metadata.Key<String> TRAILER = key("x-trailer");
    private static final Metadata.Key<String> TIMEOUT = key("grpc-timeout");
    private static final Metadata.Key<String> TOLD_TIMEOUT = key("x-told-timeout");
    public static final Metadata.Key<String> SEEN_AUTHORITY = key("x-seen-authority");
    public static final Metadata.Key<byte[]> BINARY = Metadata.Key.of("x-bin", Metadata.BINARY_BYTE_MARSHALLER);

    /// The text, `fail` with a status of the server's choice, `status 14` with that one, `late 14` with that one after
    /// a message, `hang` without an answer.
    public static final MethodDescriptor<String, String> UNARY = method(MethodType.UNARY, "Unary");
    /// For `5`, five messages.
    public static final MethodDescriptor<String, String> SERVER_STREAM = method(MethodType.SERVER_STREAMING, "Count");
    /// All messages, joined.
    public static final MethodDescriptor<String, String> CLIENT_STREAM = method(MethodType.CLIENT_STREAMING, "Join");
    /// Each message, as it comes.
    public static final MethodDescriptor<String, String> BOTH_WAYS = method(MethodType.BIDI_STREAMING, "Echo");

    private final Server server;
    private final List<String> timeouts = new CopyOnWriteArrayList<>();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    private GrpcEcho(NettyServerBuilder at) throws IOException {
        ServerServiceDefinition service = ServerServiceDefinition.builder("test.Echo")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall(this::unary))
                .addMethod(SERVER_STREAM, ServerCalls.asyncServerStreamingCall(GrpcEcho::count))
                .addMethod(CLIENT_STREAM, ServerCalls.asyncClientStreamingCall(GrpcEcho::join))
                .addMethod(BOTH_WAYS, ServerCalls.asyncBidiStreamingCall(GrpcEcho::echo))
                .build();
        server = at.addService(ServerInterceptors.intercept(service, new Reflecting()))
                .addStreamTracerFactory(new DeadlineHider())
                .maxInboundMessageSize(16 << 20)
                .build()
                .start();
    }

    public static GrpcEcho start() {
        return start(onLoopback());
    }

    /// Behind TLS.
    public static GrpcEcho start(Issued identity) {
        try {
            return start(onLoopback()
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(identity.keyManagers()))
                            .build()));
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// At a Unix socket.
    public static GrpcEcho start(Path socket) {
        EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
        return start(NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops));
    }

    private static NettyServerBuilder onLoopback() {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static GrpcEcho start(NettyServerBuilder at) {
        try {
            return new GrpcEcho(at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getPort();
    }

    /// Counts down when a call of [#UNARY] with `hang` has come.
    public CountDownLatch hanging() {
        return hanging;
    }

    /// Counts down when a call of [#UNARY] with `hang` was given up.
    public CountDownLatch cancelled() {
        return cancelled;
    }

    /// What `grpc-timeout` said of each call.
    public List<String> timeouts() {
        return timeouts;
    }

    private void unary(String request, StreamObserver<String> response) {
        switch (request) {
            case "fail" -> {
                Metadata trailers = new Metadata();
                trailers.put(TRAILER, "of the failure");
                response.onError(Status.RESOURCE_EXHAUSTED
                        .withDescription("no more, 100% über")
                        .asRuntimeException(trailers));
            }
            case "hang" -> {
                ((ServerCallStreamObserver<String>) response).setOnCancelHandler(cancelled::countDown);
                hanging.countDown();
            }
            default -> answer(request, response);
        }
    }

    private static void answer(String request, StreamObserver<String> response) {
        boolean late = request.startsWith("late ");
        boolean fails = late || request.startsWith("status ");
        if (late || !fails) {
            response.onNext(request);
        }
        if (fails) {
            int code = Integer.parseInt(request.substring(request.indexOf(' ') + 1));
            response.onError(Status.fromCodeValue(code).asRuntimeException());
        } else {
            response.onCompleted();
        }
    }

    private static void count(String request, StreamObserver<String> response) {
        for (int i = 1; i <= Integer.parseInt(request); i++) {
            response.onNext("message " + i);
        }
        response.onCompleted();
    }

    private static StreamObserver<String> join(StreamObserver<String> response) {
        StringBuilder all = new StringBuilder();
        return new StreamObserver<>() {
            @Override
            public void onNext(String message) {
                all.append(message);
            }

            @Override
            public void onError(Throwable gone) {}

            @Override
            public void onCompleted() {
                response.onNext(all.toString());
                response.onCompleted();
            }
        };
    }

    private static StreamObserver<String> echo(StreamObserver<String> response) {
        return new StreamObserver<>() {
            @Override
            public void onNext(String message) {
                response.onNext("re: " + message);
            }

            @Override
            public void onError(Throwable gone) {}

            @Override
            public void onCompleted() {
                response.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    /// Sends back the authority and binary metadata that came, and a trailer.
    /// The first to see a call's headers, before the server reads them.
    private static final class DeadlineHider extends ServerStreamTracer.Factory {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            String timeout = headers.get(TIMEOUT);
            if (timeout != null) {
                headers.discardAll(TIMEOUT);
                headers.put(TOLD_TIMEOUT, timeout);
            }
            return new ServerStreamTracer() {};
        }
    }

    private final class Reflecting implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            timeouts.add(String.valueOf(headers.get(TOLD_TIMEOUT)));
            return next.startCall(
                    new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<Q, A>(call) {
                        @Override
                        public void sendHeaders(Metadata responseHeaders) {
                            responseHeaders.put(SEEN_AUTHORITY, String.valueOf(call.getAuthority()));
                            byte[] binary = headers.get(BINARY);
                            if (binary != null) {
                                responseHeaders.put(BINARY, binary);
                            }
                            super.sendHeaders(responseHeaders);
                        }

                        @Override
                        public void close(Status status, Metadata trailers) {
                            if (status.isOk()) {
                                trailers.put(TRAILER, "of the success");
                            }
                            super.close(status, trailers);
                        }
                    },
                    headers);
        }
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private static MethodDescriptor<String, String> method(MethodType type, String name) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(type)
                .setFullMethodName("test.Echo/" + name)
                .setRequestMarshaller(new Text())
                .setResponseMarshaller(new Text())
                .build();
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream bytes) {
            try {
                return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
