package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadIdentityTest {
    private static final TestCertificates CA = TestCertificates.authority("mesh");
    private static final String GATEWAY = "spiffe://cluster.local/ns/edge/sa/gw";

    @TempDir
    Path directory;

    @Test
    void readsAMountedSecret() throws Exception {
        Issued issued = CA.leaf("gw").uri(GATEWAY).issue();
        issued.writeSecret(directory);
        assertThat(new IdentityDirectory(directory).read())
                .isEqualTo(new WorkloadIdentity(issued.credential(), issued.trust(), SpiffeId.parse(GATEWAY)));
    }

    @Test
    void readsWhatIstiosAgentWrites() throws Exception {
        Issued issued = CA.leaf("gw").uri(GATEWAY).issue();
        Files.writeString(directory.resolve("cert-chain.pem"), issued.chainPem());
        Files.writeString(directory.resolve("key.pem"), issued.keyPem());
        Files.writeString(directory.resolve("root-cert.pem"), CA.pem());
        assertThat(new IdentityDirectory(directory).read().id()).hasToString(GATEWAY);
    }

    @Test
    void refusesWhatIsNoSvid() throws Exception {
        CA.leaf("gw").uri(GATEWAY, "https://two").issue().writeSecret(directory);
        assertThatThrownBy(() -> new IdentityDirectory(directory).read()).hasMessageContaining("is no SVID");
        CA.leaf("gw").dns("gw").issue().writeSecret(directory);
        assertThatThrownBy(() -> new IdentityDirectory(directory).read()).hasMessageContaining("is no SVID");
        Files.delete(CA.leaf("gw").uri(GATEWAY).issue().writeSecret(directory).resolve("ca.crt"));
        assertThatThrownBy(() -> new IdentityDirectory(directory).read())
                .hasMessageContaining("holds no root certificate");
    }
}
