package io.sallyport.policy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The names that the mesh's own trust domain goes by: policies that name one of them mean all. `cluster.local` always
/// means the own one (Istio: `MeshConfig.trust_domain_aliases`).
///
/// @param names the trust domain, then its aliases
public record TrustDomains(List<String> names) {
    private static final String LOCAL = "cluster.local";
    /// `<trust domain>/ns/<namespace>/sa/<service account>`.
    private static final int PARTS = 5;

    public TrustDomains(String own, List<String> aliases) {
        this(all(own, aliases));
    }

    private static List<String> all(String own, List<String> aliases) {
        Set<String> all = new LinkedHashSet<>();
        all.add(own);
        all.addAll(aliases);
        return List.copyOf(all);
    }

    /// The principals, and those that they mean besides.
    List<String> expandPrincipals(List<String> principals) {
        List<String> expanded = new ArrayList<>();
        for (String principal : principals) {
            int slash = principal.indexOf('/');
            String domain = slash < 0 ? principal : principal.substring(0, slash);
            if (principal.split("/", -1).length == PARTS && !domain.equals("*") && isOwn(domain)) {
                for (String name : names) {
                    expanded.add(covers(domain, name) ? principal : name + principal.substring(slash));
                }
            } else {
                expanded.add(principal);
            }
        }
        return expanded;
    }

    /// The trust domains, and those that they mean besides.
    List<String> expand(List<String> domains) {
        Set<String> expanded = new LinkedHashSet<>();
        for (String domain : domains) {
            expanded.add(domain);
            if (!domain.equals("*") && isOwn(domain)) {
                expanded.addAll(names);
            }
        }
        return List.copyOf(expanded);
    }

    private boolean isOwn(String domain) {
        return domain.equals(LOCAL) || names.stream().anyMatch(name -> covers(domain, name));
    }

    private static boolean covers(String pattern, String name) {
        return TextMatch.of(pattern, false).matches(name);
    }
}
