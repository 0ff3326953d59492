package io.sallyport.config.analysis;

import io.sallyport.config.model.MeshConfig.ForwardClientCertDetails;
import java.util.Set;

/// What the process settings say of things that MeshConfig has fields for, too.
///
/// @param trustDomain `sallyport.trust-domain`
/// @param trustDomainAliases `sallyport.trust-domain-aliases`
/// @param trustedHops `sallyport.trusted-hops`
/// @param proxyProtocol `sallyport.proxy-protocol.enabled`
/// @param clientCert `sallyport.client-cert.forward`
public record MeshFacts(
        String trustDomain,
        Set<String> trustDomainAliases,
        int trustedHops,
        boolean proxyProtocol,
        ForwardClientCertDetails clientCert) {
    public static final MeshFacts DEFAULT =
            new MeshFacts("cluster.local", Set.of(), 0, false, ForwardClientCertDetails.SANITIZE_SET);

    public MeshFacts {
        trustDomainAliases = Set.copyOf(trustDomainAliases);
    }
}
