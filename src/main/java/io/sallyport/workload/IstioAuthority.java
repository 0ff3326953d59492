package io.sallyport.workload;

import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.call.UnaryCall;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.identity.CertificateRequest;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.Pem;
import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.net.AddressGuard;
import io.sallyport.tls.UpstreamTlsSpec;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The gateway's identity, signed by Istio's own authority as it is for Istio's agents
/// (`istio.v1.auth.IstioCertificateService/CreateCertificate`): a new key and a request for the pod's service
/// account, which a projected token proves. Renewed at half of its life. While the authority does not answer,
/// the last identity is used on.
public final class IstioAuthority extends IdentityService {
    private static final String CREATE = "/istio.v1.auth.IstioCertificateService/CreateCertificate";

    /// What Istio's agents ask for (`SECRET_TTL`), seconds.
    private static final long VALIDITY = Duration.ofHours(24).toSeconds();

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 1 << 20;

    /// Around half of the life: not all instances of one rollout renew at once (`SECRET_GRACE_PERIOD_RATIO_JITTER`).
    private static final double CHANCE = 0.01;

    /// A bearer token: visible characters alone, which is all that may stand in a header.
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private static final String PROJECT = "mount a projected service account token there, with the audience istio-ca";

    /// Where the authority is, and what proves who asks.
    ///
    /// @param host of a name, or an IP address
    /// @param id what the certificate is to name
    /// @param token a file, read anew for each request: the kubelet replaces it
    /// @param roots the authorities that the server's certificate is verified by, a PEM file; read anew, too
    public record Settings(String host, int port, SpiffeId id, Path token, Path roots) {}

    private final Settings settings;
    private final Backoff backoff;
    private volatile @Nullable UpstreamLoop loop;
    private volatile ClusterRegistry.@Nullable Maker clusters;

    /// @param onChange called on a thread of this object's after [#read] has begun to return something else; must not
    ///     block
    public IstioAuthority(Settings settings, Runnable onChange, Clock clock) {
        this(settings, onChange, clock, Backoff.usual());
    }

    IstioAuthority(Settings settings, Runnable onChange, Clock clock, Backoff backoff) {
        super("istio-authority", "Istio's authority at " + settings.host + ':' + settings.port, onChange, clock);
        this.settings = settings;
        this.backoff = backoff;
    }

    @Override
    public void start(UpstreamLoop upstream, ClusterRegistry.Maker maker) {
        loop = upstream;
        clusters = maker;
        later(this::ask);
    }

    @Override
    String remedy() {
        return "see that istiod runs, and that the token's service account and audience are right";
    }

    /// On this object's thread.
    private void ask() {
        UpstreamLoop upstream = loop;
        ClusterRegistry.Maker maker = clusters;
        if (upstream == null || maker == null) {
            return;
        }
        try {
            Headers metadata = new Headers(1);
            metadata.add(HeaderNames.AUTHORIZATION, "Bearer " + token());
            CertificateRequest request = CertificateRequest.of(settings.id);
            byte[] message =
                    new ProtoWriter().text(1, request.pem()).number(3, VALIDITY).toBytes();
            // A new one each time: the roots may have been replaced.
            Cluster cluster = maker.create(spec(), null);
            GrpcQuestion question = new GrpcQuestion(settings.host, CREATE, metadata);
            UnaryCall call = new UnaryCall(
                    upstream,
                    cluster,
                    question,
                    Unpooled.wrappedBuffer(message),
                    TIMEOUT,
                    MOST_BYTES,
                    new Answer(request, cluster));
            cluster.ready().whenComplete((_, _) -> upstream.eventLoop().execute(call::start));
        } catch (CredentialException | RuntimeException unusable) {
            report(false, String.valueOf(unusable.getMessage()));
            askAfter(backoff.next());
        }
    }

    private String token() throws CredentialException {
        try {
            if (Files.exists(settings.token) && !Files.isRegularFile(settings.token)) {
                throw new CredentialException(settings.token.toString(), "is no regular file", PROJECT);
            }
            String token = Files.readString(settings.token).strip();
            if (TOKEN.matcher(token).matches()) {
                return token;
            }
            throw new CredentialException(settings.token.toString(), "is no token", PROJECT);
        } catch (IOException e) {
            throw new CredentialException(settings.token.toString(), "cannot be read (" + e + ")", PROJECT, e);
        }
    }

    private ClusterSpec spec() throws CredentialException {
        UpstreamTlsSpec tls = new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.SIMPLE,
                null,
                TrustBundle.read(settings.roots, null),
                null,
                List.of(),
                false,
                List.of());
        boolean literal = NetUtil.createByteArrayFromIpAddressString(settings.host) != null;
        return ClusterSpec.of(
                        settings.host,
                        settings.port,
                        literal ? Discovery.STATIC : Discovery.STRICT_DNS,
                        List.of(new EndpointSpec(settings.host, settings.port)))
                .withProtocol(UpstreamProtocol.HTTP2, tls)
                .withConnections(TIMEOUT, TIMEOUT, 0, null)
                .withGuard(AddressGuard.INTERNAL);
    }

    private void askAfter(Duration pause) {
        UpstreamLoop upstream = loop;
        if (upstream != null && !closed) {
            // Milliseconds do not overflow for a certificate that ends in the year 9999.
            upstream.eventLoop().schedule(() -> later(this::ask), pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private final class Answer implements UnaryCall.Callback {
        private final CertificateRequest request;
        private final Cluster cluster;

        Answer(CertificateRequest request, Cluster cluster) {
            this.request = request;
            this.cluster = cluster;
        }

        @Override
        public void onAnswer(byte[] message) {
            cluster.close();
            later(() -> received(message, request));
        }

        @Override
        public void onFailure(GrpcResult result) {
            cluster.close();
            later(() -> {
                report(false, result.toString());
                askAfter(backoff.next());
            });
        }
    }

    private void received(byte[] message, CertificateRequest request) {
        try {
            WorkloadIdentity identity = identity(message, request);
            given(identity, null);
            X509Certificate leaf = identity.svid().leaf();
            Duration pause = untilRenewal(
                    leaf.getNotBefore().toInstant(),
                    identity.svid().end(),
                    clock.instant(),
                    ThreadLocalRandom.current().nextDouble());
            if (pause.isPositive()) {
                backoff.reset();
            }
            askAfter(pause.isPositive() ? pause : backoff.next());
        } catch (CredentialException | RuntimeException unusable) {
            // Whatever is wrong with one answer, another one is asked for.
            report(true, String.valueOf(unusable.getMessage()));
            askAfter(backoff.next());
        }
    }

    private WorkloadIdentity identity(byte[] message, CertificateRequest request) throws CredentialException {
        List<String> elements = elements(message);
        if (elements.size() < 2) {
            throw unusable("it holds " + elements.size() + " certificates, not a chain and its root", null);
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (String element : elements.subList(0, elements.size() - 1)) {
            chain.addAll(Pem.certificates(element, service()));
        }
        List<X509Certificate> roots = Pem.certificates(elements.getLast(), service());
        Credential svid = Credential.of(chain, request.key(), service());
        WorkloadIdentity identity = WorkloadIdentity.of(svid, new TrustBundle(roots, List.of()), service());
        if (!identity.id().equals(settings.id)) {
            throw new CredentialException(
                    service(),
                    "signs for " + identity.id() + ", not for " + settings.id,
                    "set sallyport.namespace, sallyport.identity.service-account and sallyport.trust-domain to the pod's own");
        }
        if (roots.stream().allMatch(root -> root.getNotAfter().toInstant().isBefore(clock.instant()))) {
            throw unusable("its root has expired", null);
        }
        return identity;
    }

    private static List<String> elements(byte[] message) throws CredentialException {
        List<String> elements = new ArrayList<>();
        ProtoReader reader = new ProtoReader(message);
        try {
            while (reader.next()) {
                if (reader.field() == 1) {
                    elements.add(reader.text());
                }
            }
        } catch (ProtoException e) {
            throw unusable(String.valueOf(e.getMessage()), e);
        }
        return elements;
    }

    private static CredentialException unusable(String problem, @Nullable Throwable cause) {
        return new CredentialException("the authority's answer", problem, "see istiod's log", cause);
    }

    /// @param chance 0 to 1
    static Duration untilRenewal(Instant start, Instant end, Instant now, double chance) {
        long life = Duration.between(start, end).toMillis();
        double part = 0.5 - CHANCE + 2 * CHANCE * chance;
        return Duration.between(now, start.plusMillis((long) (life * part)));
    }
}
