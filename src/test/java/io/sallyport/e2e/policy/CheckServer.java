package io.sallyport.e2e.policy;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/// An external authorizer of grpc-java and Envoy's own messages.
final class CheckServer implements AutoCloseable {
    static final CheckResponse ALLOWED = CheckResponse.getDefaultInstance();

    final List<CheckRequest> asked = new CopyOnWriteArrayList<>();
    final CountDownLatch takenBack = new CountDownLatch(1);
    private final Server server;
    private final int port;

    private CheckServer(Function<CheckRequest, CheckResponse> answers) throws IOException {
        var service = new AuthorizationGrpc.AuthorizationImplBase() {
            @Override
            public void check(CheckRequest request, StreamObserver<CheckResponse> caller) {
                ((ServerCallStreamObserver<CheckResponse>) caller).setOnCancelHandler(takenBack::countDown);
                asked.add(request);
                try {
                    CheckResponse answer = answers.apply(request);
                    if (answer != null) {
                        caller.onNext(answer);
                        caller.onCompleted();
                    }
                } catch (StatusRuntimeException failure) {
                    caller.onError(failure);
                }
            }
        };
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .build()
                .start();
        port = server.getPort();
    }

    /// @param answers what each question gets: null is no answer, a status fails the call
    static CheckServer answering(Function<CheckRequest, CheckResponse> answers) throws IOException {
        return new CheckServer(answers);
    }

    /// Allows everything as soon as the latch lets it.
    static CheckServer allowingAfter(CountDownLatch latch) throws IOException {
        return answering(_ -> {
            try {
                latch.await();
            } catch (InterruptedException _) {
                return null;
            }
            return ALLOWED;
        });
    }

    static CheckResponse denied(int status) {
        return denied(DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(status)));
    }

    static CheckResponse denied(DeniedHttpResponse.Builder denial) {
        return CheckResponse.newBuilder()
                .setStatus(Status.newBuilder().setCode(7))
                .setDeniedResponse(denial)
                .build();
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
