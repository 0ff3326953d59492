package io.sallyport.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The IANA IPv4 and IPv6 Special-Purpose Address Registries and the multicast ranges, besides the addresses at which
/// clouds serve metadata. In each table the first row that holds an address counts.
final class SpecialAddresses {
    private record Row(AddressRange range, AddressKind kind) {}

    private static final List<Row> IPV4 = table(
            rows(AddressKind.BROADCAST, "255.255.255.255"),
            // Most clouds; Alibaba; Azure's host; Oracle.
            rows(AddressKind.METADATA, "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
            rows(AddressKind.UNSPECIFIED, "0.0.0.0/8"),
            rows(AddressKind.PRIVATE, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
            rows(AddressKind.SHARED, "100.64.0.0/10"),
            rows(AddressKind.LOOPBACK, "127.0.0.0/8"),
            rows(AddressKind.LINK_LOCAL, "169.254.0.0/16"),
            rows(AddressKind.DOCUMENTATION, "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
            rows(AddressKind.BENCHMARKING, "198.18.0.0/15"),
            // IETF protocol assignments; the former relays of 6to4; the former class E.
            rows(AddressKind.RESERVED, "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4"),
            rows(AddressKind.MULTICAST, "224.0.0.0/4"));

    /// Within 2000::/3, which all global unicast addresses are in.
    private static final List<Row> IPV6_GLOBAL = table(
            rows(AddressKind.TRANSLATED, "2001::/32"),
            rows(AddressKind.BENCHMARKING, "2001:2::/48"),
            rows(AddressKind.RESERVED, "2001::/23"),
            rows(AddressKind.DOCUMENTATION, "2001:db8::/32", "3fff::/20"));

    /// Outside of it; what no row holds is not assigned.
    private static final List<Row> IPV6_OTHER = table(
            rows(AddressKind.UNSPECIFIED, "::"),
            rows(AddressKind.LOOPBACK, "::1"),
            // All local services of Amazon's instances; Google's metadata server.
            rows(AddressKind.METADATA, "fd00:ec2::/32", "fd20:ce::254"),
            rows(AddressKind.PRIVATE, "fc00::/7", "fec0::/10"),
            rows(AddressKind.LINK_LOCAL, "fe80::/10"),
            rows(AddressKind.TRANSLATED, "64:ff9b:1::/48"),
            rows(AddressKind.MULTICAST, "ff00::/8"));

    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
    private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
    private static final int IPV4_BYTES = 4;

    private SpecialAddresses() {}

    static AddressKind kind(InetAddress address) {
        InetAddress embedded = embedded(address);
        return embedded != null ? registered(embedded) : withInterface(address, registered(address));
    }

    /// The IPv4 address that packets to this IPv6 address end up at: mapped (RFC 4291, 2.5.5.2), NAT64 with the
    /// well-known prefix (RFC 6052), 6to4 (RFC 3056). Null where there is none.
    static @Nullable InetAddress embedded(InetAddress address) {
        if (address instanceof Inet4Address) {
            return null;
        }
        byte[] bytes = address.getAddress();
        if (startsWith(bytes, MAPPED) || startsWith(bytes, NAT64)) {
            return ipv4(bytes, MAPPED.length);
        }
        return startsWith(bytes, SIX_TO_FOUR) ? ipv4(bytes, SIX_TO_FOUR.length) : null;
    }

    /// ISATAP (RFC 5214, 6.1) has an IPv4 address in the interface's identifier, under any prefix.
    private static AddressKind withInterface(InetAddress address, AddressKind kind) {
        byte[] bytes = address.getAddress();
        boolean isatap = bytes.length > IPV4_BYTES
                && (bytes[8] & 0xfd) == 0
                && bytes[9] == 0
                && bytes[10] == 0x5e
                && bytes[11] == (byte) 0xfe;
        return isatap && kind == AddressKind.PUBLIC ? registered(ipv4(bytes, MAPPED.length)) : kind;
    }

    private static AddressKind registered(InetAddress address) {
        if (address instanceof Inet4Address) {
            return find(IPV4, address, AddressKind.PUBLIC);
        }
        boolean global = (address.getAddress()[0] & 0xe0) == 0x20;
        return global
                ? find(IPV6_GLOBAL, address, AddressKind.PUBLIC)
                : find(IPV6_OTHER, address, AddressKind.RESERVED);
    }

    private static AddressKind find(List<Row> table, InetAddress address, AddressKind otherwise) {
        InetSocketAddress sought = new InetSocketAddress(address, 0);
        for (Row row : table) {
            if (row.range.contains(sought)) {
                return row.kind;
            }
        }
        return otherwise;
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static InetAddress ipv4(byte[] bytes, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + IPV4_BYTES));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Row> rows(AddressKind kind, String... ranges) {
        return Arrays.stream(ranges).map(range -> new Row(AddressRange.parse(range), kind));
    }

    @SafeVarargs
    private static List<Row> table(Stream<Row>... rows) {
        return Arrays.stream(rows).flatMap(each -> each).toList();
    }
}
