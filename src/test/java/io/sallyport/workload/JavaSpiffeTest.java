package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.upstream.LoopFixture;
import io.spiffe.bundle.jwtbundle.JwtBundleSet;
import io.spiffe.bundle.x509bundle.X509Bundle;
import io.spiffe.spiffeid.TrustDomain;
import io.spiffe.svid.jwtsvid.JwtSvid;
import io.spiffe.svid.x509svid.X509Svid;
import io.spiffe.workloadapi.DefaultWorkloadApiClient;
import io.spiffe.workloadapi.WorkloadApiClient;
import io.spiffe.workloadapi.X509Context;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// java-spiffe's client and the gateway's understand the same server in the same way.
class JavaSpiffeTest {
    private static final String ID = "spiffe://example.org/gateway";

    @Test
    void bothClientsReadTheSame(@TempDir Path directory) throws Exception {
        TestCertificates authority = TestCertificates.authority("example.org");
        TestCertificates other = TestCertificates.authority("other.example");
        Issued issued =
                authority.intermediate("between").leaf("gateway").svid(ID).issue();
        Path socket = directory.resolve("agent.sock");
        try (TestWorkloadApi server = TestWorkloadApi.start(socket);
                LoopFixture loop = LoopFixture.real(true);
                WorkloadApi ours =
                        new WorkloadApi(EndpointSocket.parse("unix://" + socket), null, () -> {}, Clock.systemUTC());
                WorkloadApiClient theirs =
                        DefaultWorkloadApiClient.newClient(DefaultWorkloadApiClient.ClientOptions.builder()
                                .spiffeSocketPath("unix:" + socket)
                                .build())) {
            server.serve(X509SVIDResponse.newBuilder()
                    .addSvids(TestWorkloadApi.svid(ID, issued, "internal"))
                    .putFederatedBundles("spiffe://other.example", TestWorkloadApi.der(List.of(other.certificate())))
                    .build());
            ours.start(loop.upstream, loop.clusters);
            assertThat(ours.await(Duration.ofSeconds(10))).isTrue();
            WorkloadIdentity identity = ours.read();
            X509Context context = theirs.fetchX509Context();

            X509Svid svid = context.getDefaultSvid();
            assertThat(identity.id()).hasToString(svid.getSpiffeId().toString());
            assertThat(identity.svid().chain()).isEqualTo(svid.getChain());
            assertThat(identity.svid().key()).isEqualTo(svid.getPrivateKey());
            assertThat(identity.trust().authorities()).containsExactlyElementsOf(authorities(context, "example.org"));
            assertThat(identity.trust().federated()).containsOnlyKeys("other.example");
            assertThat(identity.trust().federated().get("other.example").authorities())
                    .containsExactlyElementsOf(authorities(context, "other.example"));
        }
    }

    @Test
    void bothClientsReadTheSameTokensAndKeys(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("agent.sock");
        String token = TestTokens.svid(ID, "api");
        try (TestWorkloadApi server = TestWorkloadApi.start(socket);
                LoopFixture loop = LoopFixture.real(true);
                WorkloadTokens ours = new WorkloadTokens(
                        EndpointSocket.parse("unix://" + socket), null, List.of("example.org"), Clock.systemUTC());
                WorkloadApiClient theirs =
                        DefaultWorkloadApiClient.newClient(DefaultWorkloadApiClient.ClientOptions.builder()
                                .spiffeSocketPath("unix:" + socket)
                                .build())) {
            server.issue(ID, _ -> token);
            server.serveKeys(Map.of("spiffe://example.org", TestTokens.jwks(TestTokens.jwk("ES256", "1"))));
            ours.start(loop.upstream, loop.clusters);
            ours.use(Set.of("api"), true, Duration.ofSeconds(10));

            assertThat((CharSequence) ours.credential("api").value())
                    .hasToString(theirs.fetchJwtSvid("api").getToken());
            JwtBundleSet bundles = theirs.fetchJwtBundles();
            assertThat(ours.trustDomains())
                    .containsExactlyElementsOf(bundles.getBundles().keySet().stream()
                            .map(TrustDomain::getName)
                            .toList());
            assertThat(JwtSvid.parseAndValidate(token, bundles, Set.of("api")).getSpiffeId())
                    .hasToString(ID);
        }
    }

    private static Iterable<java.security.cert.X509Certificate> authorities(X509Context context, String domain)
            throws Exception {
        X509Bundle bundle = context.getX509BundleSet().getBundleForTrustDomain(TrustDomain.parse(domain));
        return bundle.getX509Authorities();
    }
}
