package io.sallyport.policy;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.sallyport.route.HostIndex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The egress list by host, to say why something is not on it. Built once a generation, read only.
public final class EgressList {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private record Range(IpSubnetFilterRule rule, EgressPermit permit) {}

    private final HostIndex<List<EgressPermit>> names;
    private final List<Range> ranges = new ArrayList<>();
    private final NearNames near;

    private EgressList(Collection<EgressPermit> permits) {
        Map<String, List<EgressPermit>> byHost = new LinkedHashMap<>();
        for (EgressPermit permit : permits) {
            IpSubnetFilterRule range = range(permit.host());
            if (range != null) {
                ranges.add(new Range(range, permit));
            } else if (!permit.host().equals("*")) {
                byHost.computeIfAbsent(permit.host(), _ -> new ArrayList<>()).add(permit);
            }
        }
        HostIndex.Builder<List<EgressPermit>> builder = HostIndex.builder();
        byHost.forEach(builder::add);
        names = builder.build();
        near = new NearNames(byHost.keySet());
    }

    public static EgressList of(Collection<EgressPermit> permits) {
        return new EgressList(permits);
    }

    /// What the list says of a host, whatever the port; empty where it says nothing.
    ///
    /// @param host canonical, IPv6 in brackets
    public List<EgressPermit> permits(String host) {
        if (NumericHost.spelling(host) != NumericHost.Spelling.ADDRESS) {
            List<EgressPermit> found = names.lookup(host);
            return found == null ? List.of() : found;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(unbracketed(host));
        return bytes == null ? List.of() : permits(bytes);
    }

    private List<EgressPermit> permits(byte[] address) {
        InetSocketAddress socket;
        try {
            socket = new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
        return ranges.stream()
                .filter(range -> range.rule.matches(socket))
                .map(Range::permit)
                .toList();
    }

    /// The listed host that differs least from this one, by at most two letters; null where there is none.
    public @Nullable String nearest(String host) {
        return NumericHost.spelling(host) == NumericHost.Spelling.NAME ? near.nearest(host) : null;
    }

    static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /// The addresses of `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32` or `[::1]`; null for a name.
    private static @Nullable IpSubnetFilterRule range(String host) {
        int slash = host.indexOf('/');
        String address = unbracketed(slash < 0 ? host : host.substring(0, slash));
        boolean ipv4 = NetUtil.isValidIpV4Address(address);
        if (!ipv4 && !NetUtil.isValidIpV6Address(address)) {
            return null;
        }
        int bits = slash < 0 ? (ipv4 ? IPV4_BITS : IPV6_BITS) : Integer.parseInt(host.substring(slash + 1));
        return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
    }
}
