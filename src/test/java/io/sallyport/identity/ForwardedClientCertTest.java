package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.TestCertificates;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ForwardedClientCertTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");

    @Test
    void namesTheClientInEnvoysOrder() throws Exception {
        X509Certificate client = CA.leaf("CN=web,O=Example Ltd")
                .uri("spiffe://cluster.local/ns/default/sa/web")
                .dns("web.example.com", "web")
                .issue()
                .certificate();
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(client.getEncoded()));
        assertThat(ForwardedClientCert.element(client, "spiffe://cluster.local/ns/istio-system/sa/gateway"))
                .isEqualTo("By=spiffe://cluster.local/ns/istio-system/sa/gateway;Hash=" + hash
                        + ";Subject=\"O=Example Ltd,CN=web\";URI=spiffe://cluster.local/ns/default/sa/web"
                        + ";DNS=web.example.com;DNS=web");
    }

    @Test
    void leavesOutWhatThereIsNot() {
        X509Certificate client = CA.leaf("web").issue().certificate();
        assertThat(ForwardedClientCert.element(client, null)).matches("Hash=[0-9a-f]{64};Subject=\"CN=web\"");
    }

    @Test
    void aSubjectCannotEndTheQuotesOrTheHeader() {
        X509Certificate client = CA.leaf("CN=a\\\"\\;URI\\=spiffe://evil\\\\,OU=b\r\nX: y,O=Zoë")
                .issue()
                .certificate();
        String element = ForwardedClientCert.element(client, null);
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
        assertThat(ForwardedClientCert.element(client, null)).endsWith(";URI=\"spiffe://td/a;Hash=0,x\"");
    }
}
