package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestKeys;
import io.sallyport.testing.TestPem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "P-256", "P-384", "P-521", "Ed25519"})
    void readsEveryKindOfKeyInPkcs8(String kind) throws Exception {
        PrivateKey key = pair(kind).getPrivate();
        assertThat(Pem.privateKey(TestPem.key(key), "tls.key")).isEqualTo(key);
    }

    /// Whoever opens a pipe waits for a writer, and a device never ends.
    @Test
    @Timeout(10)
    void whatIsNoRegularFileIsNotOpened(@TempDir Path directory) throws Exception {
        Path pipe = directory.resolve("tls.crt");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Path device = Files.createSymbolicLink(directory.resolve("tls.key"), Path.of("/dev/zero"));
        for (Path file : new Path[] {pipe, device, directory}) {
            assertThatThrownBy(() -> Pem.certificates(file))
                    .isInstanceOf(CredentialException.class)
                    .hasMessageContaining("is no regular file");
        }
        assertThat(SecretsDigest.of(directory)).isNotEmpty();
    }

    @Test
    void aFileThatIsTooLargeIsNotReadWhole(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("tls.crt");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            // More than a heap has.
            sparse.setLength(1L << 40);
        }
        assertThatThrownBy(() -> Pem.certificates(file)).hasMessageContaining("is larger than 16 MiB");
        assertThat(SecretsDigest.of(directory)).isNotEmpty();
    }

    @Test
    void readsAnRsaKeyInPkcs1() throws Exception {
        PrivateKey key = TestKeys.rsa().getPrivate();
        assertThat(Pem.privateKey(
                        TestPem.block(
                                "RSA PRIVATE KEY", inner(key).toASN1Primitive().getEncoded()),
                        "tls.key"))
                .isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-256", "P-384", "P-521"})
    void readsAnEcKeyInSec1WithItsCurveWithinOrBeforeIt(String curve) throws Exception {
        PrivateKey key = pair(curve).getPrivate();
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        ASN1Encodable parameters = info.getPrivateKeyAlgorithm().getParameters();
        ECPrivateKey bare = ECPrivateKey.getInstance(info.parsePrivateKey());
        int bits = Integer.parseInt(curve.substring(2));
        byte[] within = new ECPrivateKey(bits, bare.getKey(), parameters).getEncoded();
        byte[] without = new ECPrivateKey(bits, bare.getKey()).getEncoded();
        String before =
                TestPem.block("EC PARAMETERS", parameters.toASN1Primitive().getEncoded());

        for (String pem : new String[] {
            TestPem.block("EC PRIVATE KEY", within),
            before + TestPem.block("EC PRIVATE KEY", within),
            before + TestPem.block("EC PRIVATE KEY", without)
        }) {
            PrivateKey read = Pem.privateKey(pem, "tls.key");
            assertThat(((java.security.interfaces.ECPrivateKey) read).getS())
                    .isEqualTo(((java.security.interfaces.ECPrivateKey) key).getS());
        }
        assertThatThrownBy(() -> Pem.privateKey(TestPem.block("EC PRIVATE KEY", without), "tls.key"))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("does not name its curve");
    }

    @Test
    void readsAChainInItsOrderAndIgnoresTheTextAroundIt() throws Exception {
        Issued leaf = CA.intermediate("middle").leaf("api").issue();
        String pem = "Subject: CN=api\r\n" + leaf.chainPem().replace("\n", "\r\n") + "\ntrailing words";
        assertThat(Pem.certificates(pem, "tls.crt")).isEqualTo(leaf.chain()).hasSize(2);
    }

    @Test
    void readsRevocationLists() throws Exception {
        Issued leaf = CA.leaf("api").issue();
        assertThat(Pem.crls(TestPem.crl(CA.crl(leaf)) + TestPem.crl(CA.crl()), "ca.crl"))
                .hasSize(2)
                .first()
                .matches(crl -> crl.isRevoked(leaf.certificate()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "ENCRYPTED PRIVATE KEY | MAA= | the private key is encrypted",
                "DSA PRIVATE KEY | MAA= | 'DSA PRIVATE KEY' cannot be used",
                "OPENSSH PRIVATE KEY | MAA= | 'OPENSSH PRIVATE KEY' cannot be used",
                "PRIVATE KEY | MAA= | the private key is broken",
                "RSA PRIVATE KEY | MAA= | the private key is broken",
                "EC PRIVATE KEY | MAA= | does not name its curve",
                "EC PRIVATE KEY | MIT/////AAA= | does not name its curve",
                "PRIVATE KEY | M*A= | not base64",
                "PUBLIC KEY | MAA= | holds no private key",
            })
    void saysWhatIsWrongWithAKey(String label, String body, String problem) {
        String pem = "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
        assertThatThrownBy(() -> Pem.privateKey(pem, "secret/tls.key"))
                .isInstanceOf(CredentialException.class)
                .hasMessageStartingWith("secret/tls.key: ")
                .hasMessageContaining(problem);
    }

    @Test
    void refusesAKeyEncryptedTheOldWayByName() {
        String pem = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMAA=\n"
                + "-----END RSA PRIVATE KEY-----\n";
        assertThatThrownBy(() -> Pem.privateKey(pem, "tls.key"))
                .hasMessageContaining("the private key is encrypted")
                .hasMessageContaining("openssl pkey");
    }

    @Test
    void refusesTwoKeysInOneFile() {
        String key = TestPem.key(TestKeys.rsa().getPrivate());
        assertThatThrownBy(() -> Pem.privateKey(key + key, "tls.key"))
                .hasMessageContaining("more than one private key");
    }

    @Test
    void saysWhatIsWrongWithACertificateFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("tls.crt");
        assertProblem(file, "does not exist");
        Files.createDirectory(file);
        assertProblem(file, "is no regular file");
        Files.delete(file);
        Files.writeString(file, "");
        assertProblem(file, "holds no certificate");
        String pem = CA.pem();
        Files.writeString(file, pem.substring(0, pem.length() / 2));
        assertProblem(file, "is cut off");
        Files.writeString(file, TestPem.block("CERTIFICATE", new byte[] {0x30, 0x03, 1, 2, 3}));
        assertProblem(file, "certificate 1 is not a valid X.509 certificate");
    }

    private static void assertProblem(Path file, String problem) {
        assertThatThrownBy(() -> Pem.certificates(file))
                .isInstanceOf(CredentialException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(problem);
    }

    private static ASN1Encodable inner(PrivateKey key) throws IOException {
        return PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey();
    }

    private static KeyPair pair(String kind) {
        return switch (kind) {
            case "RSA" -> TestKeys.rsa();
            case "Ed25519" -> TestKeys.ed25519();
            default -> TestKeys.ecdsa("secp" + kind.substring(2) + "r1");
        };
    }
}
