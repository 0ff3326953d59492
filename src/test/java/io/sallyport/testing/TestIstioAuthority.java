package io.sallyport.testing;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.PublicKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/// Istio's certificate service, `istio.v1.auth.IstioCertificateService`, on grpc-java behind TLS; its messages are read
/// and written by protobuf's own streams, its requests by Bouncy Castle.
public final class TestIstioAuthority implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Server server;
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final List<Long> validities = new CopyOnWriteArrayList<>();
    private volatile String accepted;
    private volatile Function<PublicKey, List<String>> signing;

    private TestIstioAuthority(Issued identity) {
        try {
            MethodDescriptor<byte[], byte[]> create = MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodType.UNARY)
                    .setFullMethodName("istio.v1.auth.IstioCertificateService/CreateCertificate")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();
            ServerServiceDefinition service = ServerServiceDefinition.builder("istio.v1.auth.IstioCertificateService")
                    .addMethod(create, ServerCalls.asyncUnaryCall(this::create))
                    .build();
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(identity.keyManagers()))
                            .build())
                    .addService(ServerInterceptors.intercept(service, new Tokens()))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param identity of the server
    public static TestIstioAuthority start(Issued identity) {
        return new TestIstioAuthority(identity);
    }

    public int port() {
        return server.getPort();
    }

    /// Signs whatever key whoever shows this token asks for.
    ///
    /// @param chain the answer, in PEM
    public void sign(String token, Function<PublicKey, List<String>> chain) {
        accepted = token;
        signing = chain;
    }

    /// Those of all requests so far.
    public List<String> tokens() {
        return tokens;
    }

    /// For how many seconds each asked.
    public List<Long> validities() {
        return validities;
    }

    private void create(byte[] message, StreamObserver<byte[]> response) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(message);
            PublicKey key = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag >>> 3) {
                    case 1 -> key = publicKey(in.readStringRequireUtf8());
                    case 3 -> validities.add(in.readInt64());
                    default -> in.skipField(tag);
                }
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            CodedOutputStream coded = CodedOutputStream.newInstance(out);
            for (String element : signing.apply(key)) {
                coded.writeString(1, element);
            }
            coded.flush();
            response.onNext(out.toByteArray());
            response.onCompleted();
        } catch (Exception e) {
            response.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
        }
    }

    private static PublicKey publicKey(String pem) throws Exception {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject()).getPublicKey();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Tokens implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String shown = String.valueOf(headers.get(AUTHORIZATION));
            tokens.add(shown);
            if (shown.equals("Bearer " + accepted)) {
                return next.startCall(call, headers);
            }
            call.close(Status.UNAUTHENTICATED.withDescription("request authenticate failure"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream bytes) {
            try {
                return bytes.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
