package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/// Read by Bouncy Castle.
class CertificateRequestTest {
    private static final SpiffeId ID = new SpiffeId("cluster.local", "/ns/edge/sa/gateway");

    @Test
    void aRequestIsSignedByItsKeyAndNamesTheIdentityAlone() throws Exception {
        CertificateRequest made = CertificateRequest.of(ID);
        PKCS10CertificationRequest request;
        try (PEMParser parser = new PEMParser(new StringReader(made.pem()))) {
            request = (PKCS10CertificationRequest) parser.readObject();
        }
        ECPublicKey key = (ECPublicKey) new JcaPKCS10CertificationRequest(request).getPublicKey();

        assertThat(request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key)))
                .isTrue();
        assertThat(key.getParams().getCurve().getField().getFieldSize()).isEqualTo(256);
        assertThat(request.getSubject().getRDNs()).isEmpty();
        Extensions extensions =
                Extensions.getInstance(request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)[0]
                        .getAttributeValues()[0]);
        assertThat(extensions.getExtensionOIDs()).containsExactly(Extension.subjectAlternativeName);
        assertThat(extensions.getExtension(Extension.subjectAlternativeName).isCritical())
                .isTrue();
        assertThat(GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName)
                        .getNames())
                .containsExactly(new GeneralName(GeneralName.uniformResourceIdentifier, ID.toString()));
    }

    @Test
    void eachHasAKeyOfItsOwnWhichIsNotShown() {
        CertificateRequest one = CertificateRequest.of(ID);
        assertThat(one.key()).isNotEqualTo(CertificateRequest.of(ID).key());
        assertThat(one.toString()).isEqualTo(one.pem()).doesNotContain("PRIVATE");
    }
}
