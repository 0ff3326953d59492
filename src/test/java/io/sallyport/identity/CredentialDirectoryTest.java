package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestPem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialDirectoryTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final TestCertificates OTHER = TestCertificates.authority("other");

    @TempDir
    Path root;

    private CredentialDirectory directory;

    @BeforeEach
    void open() {
        directory = new CredentialDirectory(root);
    }

    @Test
    void readsATlsSecretWithItsAuthorityAndRevocationList() throws Exception {
        Issued issued = CA.leaf("api").issue();
        Files.writeString(issued.writeSecret(root.resolve("web-cert")).resolve("ca.crl"), TestPem.crl(CA.crl(issued)));
        assertThat(directory.credential("default", "web-cert")).isEqualTo(issued.credential());
        assertThat(directory.trust("default", "web-cert"))
                .isEqualTo(new TrustBundle(
                        List.of(CA.certificate()),
                        directory.trust("default", "web-cert").crls()))
                .extracting(TrustBundle::crls)
                .matches(crls -> crls.getFirst().isRevoked(issued.certificate()));
    }

    @Test
    void theNamespacesOwnSecretComesFirst() throws Exception {
        Issued shared = CA.leaf("shared").issue();
        Issued own = CA.leaf("own").issue();
        shared.writeSecret(root.resolve("cert"));
        own.writeSecret(root.resolve("shop").resolve("cert"));
        assertThat(directory.credential("shop", "cert")).isEqualTo(own.credential());
        assertThat(directory.credential("default", "cert")).isEqualTo(shared.credential());
    }

    @Test
    void readsAGenericSecret() throws Exception {
        Issued issued = CA.leaf("api").issue();
        Path secret = Files.createDirectory(root.resolve("generic"));
        Files.writeString(secret.resolve("cert"), issued.chainPem());
        Files.writeString(secret.resolve("key"), issued.keyPem());
        Files.writeString(secret.resolve("cacert"), CA.pem());
        assertThat(directory.credential("default", "generic")).isEqualTo(issued.credential());
        assertThat(directory.trust("default", "generic")).isEqualTo(issued.trust());
    }

    @Test
    void aSeparateAuthoritySecretWinsOverTheOneWithin() throws Exception {
        CA.leaf("api").issue().writeSecret(root.resolve("web"));
        Path separate = Files.createDirectory(root.resolve("web-cacert"));
        Files.writeString(separate.resolve("ca.crt"), OTHER.pem());
        assertThat(directory.trust("default", "web").authorities()).containsExactly(OTHER.certificate());
        assertThat(directory.trust("default", "web-cacert").authorities()).containsExactly(OTHER.certificate());
    }

    @Test
    void withoutAuthorityThereIsNoTrust() throws Exception {
        Files.delete(CA.leaf("api").issue().writeSecret(root.resolve("web")).resolve("ca.crt"));
        assertThat(directory.trust("default", "web")).isNull();
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertThatThrownBy(() -> directory.credential("shop", "web"))
                .hasMessageContaining("there is no secret 'web'")
                .hasMessageContaining(root.resolve("shop").resolve("web").toString());
        Files.delete(CA.leaf("api").issue().writeSecret(root.resolve("web")).resolve("tls.key"));
        assertThat(directory.exists("shop", "web")).isTrue();
        assertThatThrownBy(() -> directory.credential("shop", "web"))
                .hasMessageContaining("lacks a certificate or its");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "../web", "a/b", "a\\b", "/etc/ssl", "..data", "a\0b", "kubernetes://web", "a\nb"
            })
    void aNameCannotLeaveTheDirectory(String name) throws IOException {
        CA.leaf("api").issue().writeSecret(root.resolve("web"));
        assertThatThrownBy(() -> new CredentialDirectory(root.resolve("sub")).credential("default", name))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("is not the name of a secret");
        assertThatThrownBy(() -> directory.trust(name, "web")).isInstanceOf(CredentialException.class);
        assertThat(directory.exists("default", name)).isFalse();
    }

    @Test
    void aSwapOfTheMountedVersionNeverMixesTwoPairs() throws Exception {
        Issued[] versions = {CA.leaf("a").issue(), CA.leaf("b").issue()};
        Path secret = Files.createDirectory(root.resolve("web"));
        mount(secret, 0, versions[0]);
        for (String file : List.of("tls.crt", "tls.key")) {
            Files.createSymbolicLink(secret.resolve(file), Path.of("..data", file));
        }
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 1; !stop.get(); i++) {
                    mount(secret, i, versions[i % 2]);
                    LockSupport.parkNanos(500_000);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            for (int i = 0; i < 300; i++) {
                assertThat(directory.credential("default", "web"))
                        .isIn(versions[0].credential(), versions[1].credential());
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
    }

    /// As the kubelet does: a new directory, a link to it renamed over the old link, the old directory deleted.
    private static void mount(Path secret, int number, Issued issued) throws IOException {
        Path data = secret.resolve("..data");
        Path old = Files.exists(data) ? data.toRealPath() : null;
        issued.writeSecret(secret.resolve("..version_" + number));
        Path link = Files.createSymbolicLink(secret.resolve("..data_tmp"), Path.of("..version_" + number));
        Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
        if (old != null) {
            for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
                Files.delete(old.resolve(file));
            }
            Files.delete(old);
        }
    }
}
