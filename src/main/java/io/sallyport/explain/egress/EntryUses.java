package io.sallyport.explain.egress;

import io.sallyport.egress.EgressPermit;
import io.sallyport.egress.EgressUse;
import io.sallyport.net.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Brings uses together with the entries that they are of. An entry may have several: one for each protocol.
final class EntryUses {
    private final Map<EgressPermit, EgressUse> byPermit = new HashMap<>();
    private final List<EgressUse> others = new ArrayList<>();

    EntryUses(List<EgressPermit> permits, List<EgressUse> uses) {
        Map<String, List<EgressPermit>> byResource = new HashMap<>();
        permits.forEach(permit -> byResource
                .computeIfAbsent(permit.resource(), _ -> new ArrayList<>())
                .add(permit));
        for (EgressUse use : uses) {
            EgressPermit permit = permit(byResource.getOrDefault(use.permit(), List.of()), use);
            if (permit == null) {
                others.add(use);
            } else {
                byPermit.merge(permit, use, EntryUses::sum);
            }
        }
    }

    /// Null where the entry has let nothing out.
    @Nullable
    EgressUse of(EgressPermit permit) {
        return byPermit.get(permit);
    }

    /// Uses of no entry: of entries that a reload has taken away.
    List<EgressUse> others() {
        return others;
    }

    private static @Nullable EgressPermit permit(List<EgressPermit> candidates, EgressUse use) {
        EgressPermit covering = null;
        for (EgressPermit permit : candidates) {
            boolean samePort = permit.port() == 0 || permit.port() == use.port();
            boolean sameHost = permit.host().equals(use.host());
            if (samePort && sameHost && permit.kind().name().equals(use.how())) {
                return permit;
            }
            if (samePort && (sameHost || covering == null && covers(permit.host(), use.host()))) {
                covering = permit;
            }
        }
        return covering;
    }

    private static boolean covers(String pattern, String host) {
        if (pattern.startsWith("*.")) {
            return host.endsWith(pattern.substring(1));
        }
        try {
            InetAddress address = InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", ""));
            return AddressRange.parse(pattern).contains(new InetSocketAddress(address, 0));
        } catch (IllegalArgumentException names) {
            return false;
        }
    }

    private static EgressUse sum(EgressUse one, EgressUse other) {
        long first = one.firstMillis() == 0 || other.firstMillis() == 0
                ? Math.max(one.firstMillis(), other.firstMillis())
                : Math.min(one.firstMillis(), other.firstMillis());
        return new EgressUse(
                one.permit(),
                one.host(),
                one.port(),
                one.how(),
                one.requests() + other.requests(),
                first,
                Math.max(one.lastMillis(), other.lastMillis()),
                one.open() || other.open());
    }
}
