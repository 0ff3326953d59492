package io.sallyport.egress;

import io.netty.util.NetUtil;
import io.sallyport.net.AddressRange;
import io.sallyport.net.NumericHost;
import io.sallyport.route.HostIndex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The egress list by host, to say why something is not on it. Built once a generation, read only.
public final class EgressList {
    private record Range(AddressRange addresses, EgressPermit permit) {}

    private final Map<String, List<EgressPermit>> byHost = new LinkedHashMap<>();
    private final HostIndex<List<EgressPermit>> names;
    private final List<Range> ranges = new ArrayList<>();
    private final NearNames near;

    private EgressList(Collection<EgressPermit> permits) {
        for (EgressPermit permit : permits) {
            AddressRange range = range(permit.host());
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
        if (!NumericHost.isAddress(host)) {
            return ofName(host);
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(unbracketed(host));
        return bytes == null ? List.of() : permits(bytes);
    }

    /// The most specific pattern that lists a port counts for it.
    private List<EgressPermit> ofName(String host) {
        Map<Integer, EgressPermit> byPort = new TreeMap<>();
        for (String pattern : names.candidates(host)) {
            byHost.getOrDefault(pattern, List.of()).forEach(permit -> byPort.putIfAbsent(permit.port(), permit));
        }
        return List.copyOf(byPort.values());
    }

    private List<EgressPermit> permits(byte[] address) {
        InetSocketAddress socket;
        try {
            socket = new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
        return ranges.stream()
                .filter(range -> range.addresses.contains(socket))
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

    /// The addresses of `10.0.0.0/8`, `192.0.2.7` or `2001:db8::/32`; null for a name.
    private static @Nullable AddressRange range(String host) {
        if (host.indexOf(':') < 0 && NumericHost.spelling(host.split("/", 2)[0]) == NumericHost.Spelling.NAME) {
            return null;
        }
        return AddressRange.parse(host);
    }
}
