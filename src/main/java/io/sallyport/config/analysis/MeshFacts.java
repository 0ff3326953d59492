package io.sallyport.config.analysis;

import java.util.Set;

/// What the process settings say of things that MeshConfig has fields for, too.
///
/// @param trustDomain `sallyport.trust-domain`
/// @param trustDomainAliases `sallyport.trust-domain-aliases`
/// @param trustedHops `sallyport.trusted-hops`
/// @param proxyProtocol `sallyport.proxy-protocol.enabled`
public record MeshFacts(String trustDomain, Set<String> trustDomainAliases, int trustedHops, boolean proxyProtocol) {
    public static final MeshFacts DEFAULT = new MeshFacts("cluster.local", Set.of(), 0, false);

    public MeshFacts {
        trustDomainAliases = Set.copyOf(trustDomainAliases);
    }
}
