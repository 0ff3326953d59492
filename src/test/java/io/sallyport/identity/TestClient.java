package io.sallyport.identity;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// Engines of a JDK client.
public record TestClient(SSLContext context) {
    /// @param identity the client's certificate, or null
    public static TestClient trusting(Issued identity, TestCertificates... authorities) {
        return new TestClient(TlsClients.of(identity, authorities));
    }

    public SSLEngine engine(String sni, String... alpn) {
        SSLEngine engine = context.createSSLEngine(sni, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        parameters.setApplicationProtocols(alpn);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
