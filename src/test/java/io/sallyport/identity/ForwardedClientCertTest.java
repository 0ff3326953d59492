package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.ForwardedClientCert.Field;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ForwardedClientCertTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final Set<Field> NAMES = Set.of(Field.SUBJECT, Field.URI, Field.DNS);

    @Test
    void namesTheClientInEnvoysOrder() throws Exception {
        X509Certificate client = CA.leaf("CN=web,O=Example Ltd")
                .uri("spiffe://cluster.local/ns/default/sa/web")
                .dns("web.example.com", "web")
                .issue()
                .certificate();
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(client.getEncoded()));
        assertThat(ForwardedClientCert.element(
                        List.of(client), List.of("spiffe://cluster.local/ns/istio-system/sa/gateway"), NAMES))
                .isEqualTo("By=spiffe://cluster.local/ns/istio-system/sa/gateway;Hash=" + hash
                        + ";Subject=\"O=Example Ltd,CN=web\";URI=spiffe://cluster.local/ns/default/sa/web"
                        + ";DNS=web.example.com;DNS=web");
    }

    /// Envoy writes `URI=` where there is none.
    @Test
    void leavesOutWhatThereIsNot() {
        X509Certificate client = CA.leaf("web").issue().certificate();
        assertThat(element(client)).matches("Hash=[0-9a-f]{64};Subject=\"CN=web\";URI=");
    }

    @Test
    void saysWhatItIsAskedFor() {
        X509Certificate client = CA.leaf("web")
                .uri("spiffe://td/a", "https://b")
                .dns("w")
                .issue()
                .certificate();
        String hash = "Hash=" + Fingerprint.of(client);
        assertThat(ForwardedClientCert.element(List.of(client), List.of(), Set.of()))
                .isEqualTo(hash);
        assertThat(ForwardedClientCert.element(List.of(client), List.of("a:b", "c:d"), Set.of(Field.URI)))
                .isEqualTo("By=a:b;By=c:d;" + hash + ";URI=spiffe://td/a;URI=https://b");
    }

    @Test
    void certificatesAreUrlEncodedPem() throws Exception {
        Issued client = CA.intermediate("between").leaf("web").issue();
        String element = ForwardedClientCert.element(client.chain(), List.of(), Set.of(Field.CERT, Field.CHAIN));

        Matcher matcher = Pattern.compile("Hash=[0-9a-f]{64};Cert=\"([A-Za-z0-9%-]+)\";Chain=\"([A-Za-z0-9%-]+)\"")
                .matcher(element);
        assertThat(matcher.matches()).isTrue();
        assertThat(Pem.certificates(decoded(matcher.group(1)), "Cert")).containsExactly(client.certificate());
        assertThat(Pem.certificates(decoded(matcher.group(2)), "Chain")).isEqualTo(client.chain());
        assertThat(decoded(matcher.group(1)))
                .startsWith("-----BEGIN CERTIFICATE-----\n")
                .endsWith("\n-----END CERTIFICATE-----\n");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String element(X509Certificate client) {
        return ForwardedClientCert.element(List.of(client), List.of(), NAMES);
    }

    @Test
    void aSubjectCannotEndTheQuotesOrTheHeader() {
        X509Certificate client = CA.leaf("CN=a\\\"\\;URI\\=spiffe://evil\\\\,OU=b\r\nX: y,O=Zoë")
                .issue()
                .certificate();
        String element = ForwardedClientCert.element(List.of(client), List.of(), Set.of(Field.SUBJECT));
        String subject = element.substring(element.indexOf(";Subject=") + ";Subject=".length());
        assertThat(subject).startsWith("\"").endsWith("\"");
        assertThat(subject.substring(1, subject.length() - 1))
                .doesNotContain("\"")
                .doesNotContain("\\\\");
        assertThat(element.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
        assertThat(subject)
                .contains("\\22")
                .contains("\\5C")
                .contains("\\0D\\0A")
                .contains("Zo\\C3\\AB");
    }

    @Test
    void aUriWithSeparatorsIsQuoted() {
        X509Certificate client =
                CA.leaf("web").uri("spiffe://td/a;Hash=0,x").issue().certificate();
        assertThat(element(client)).endsWith(";URI=\"spiffe://td/a;Hash=0,x\"");
    }
}
