package io.sallyport.egress;

import io.netty.util.NetUtil;
import io.sallyport.egress.EgressPermit.Kind;
import io.sallyport.net.NumericHost;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The ServiceEntry that puts a host on the list, as YAML to paste (Istio networking/v1/service_entry.proto).
public final class ListingText {
    private static final int LONGEST_NAME = 253;
    private static final int LONGEST_LABEL = 63;

    private final String host;
    private final SortedMap<Integer, Kind> ports;
    private String name;
    private String namespace = "";

    private ListingText(String host, Map<Integer, Kind> ports) {
        this.host = host;
        this.ports = new TreeMap<>(ports);
        this.name = isAddress() ? "address-" + label() : host;
    }

    /// @param host canonical, IPv6 in brackets; one that [#obstacle] has nothing against
    /// @param ports what may be spoken to each
    public static ListingText of(String host, Map<Integer, Kind> ports) {
        if (obstacle(host) != null) {
            throw new IllegalArgumentException(host + ": " + obstacle(host));
        }
        return new ListingText(host, ports);
    }

    /// Beside another ServiceEntry for the host: in its namespace, which alone may say more of it, and with a name of
    /// its own.
    public ListingText beside(String namespace) {
        this.namespace = namespace;
        name = name + "-" + ports.lastKey();
        return this;
    }

    /// The namespace of the ServiceEntry that an entry of the list comes from; null where it is of another resource.
    public static @Nullable String namespaceOf(EgressPermit permit) {
        String[] resource = permit.resource().split("[ /]");
        return resource.length == 3 && resource[0].equals("ServiceEntry") ? resource[1] : null;
    }

    /// Why no ServiceEntry can name the host; null where one can.
    public static @Nullable String obstacle(String host) {
        switch (NumericHost.spelling(host)) {
            case ADDRESS -> {
                return null;
            }
            case DISGUISED -> {
                return "it ends in a number, and is no address in its usual spelling";
            }
            case NAME -> {}
        }
        if (host.indexOf('.') < 0) {
            return "a name without a dot is short for a service of the mesh";
        }
        if (host.length() > LONGEST_NAME) {
            return "it is longer than " + LONGEST_NAME + " characters";
        }
        for (String label : host.split("\\.", -1)) {
            if (!isLabel(label)) {
                return "its labels may have a-z, 0-9 and, between them, - only (RFC 1123)";
            }
        }
        return null;
    }

    private static boolean isLabel(String label) {
        boolean letters = label.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-');
        return letters
                && !label.isEmpty()
                && label.length() <= LONGEST_LABEL
                && !label.startsWith("-")
                && !label.endsWith("-");
    }

    /// One YAML document that ends with a line feed.
    public String yaml() {
        var out = new StringBuilder(256);
        out.append("apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata:\n");
        out.append("  name: ").append(shortened(name)).append('\n');
        if (!namespace.isEmpty()) {
            out.append("  namespace: ").append(namespace).append('\n');
        }
        out.append("spec:\n  hosts:\n  - ");
        if (isAddress()) {
            // A name is needed, and must never lead anywhere (RFC 6761, section 6.4).
            out.append(label()).append(".address.invalid\n  addresses:\n  - ");
            out.append('"').append(EgressList.unbracketed(host)).append("\"\n");
        } else {
            out.append(host).append('\n');
        }
        out.append("  location: MESH_EXTERNAL\n");
        out.append("  resolution: ").append(resolution()).append("\n  ports:\n");
        ports.forEach((number, kind) -> out.append("  - {number: ")
                .append(number)
                .append(", name: ")
                .append(protocol(kind).toLowerCase(Locale.ROOT))
                .append('-')
                .append(number)
                .append(", protocol: ")
                .append(protocol(kind))
                .append("}\n"));
        return out.toString();
    }

    /// `add ServiceEntry with host api.example.com, port 443 TLS, resolution DNS`.
    String line() {
        var out = new StringBuilder("add ServiceEntry with ");
        out.append(isAddress() ? "address " : "host ").append(EgressList.unbracketed(host));
        ports.forEach((number, kind) ->
                out.append(", port ").append(number).append(' ').append(protocol(kind)));
        return out.append(", resolution ").append(resolution()).toString();
    }

    private String resolution() {
        return isAddress() ? "NONE" : "DNS";
    }

    private static String protocol(Kind kind) {
        return kind == Kind.ANY ? "TCP" : kind.name();
    }

    private boolean isAddress() {
        return NumericHost.spelling(host) == NumericHost.Spelling.ADDRESS;
    }

    /// An address as one label: `192-0-2-7`, or the 32 hexadecimal digits of an IPv6 address.
    private String label() {
        if (!host.startsWith("[")) {
            return host.replace('.', '-');
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(EgressList.unbracketed(host));
        return HexFormat.of().formatHex(bytes == null ? new byte[0] : bytes);
    }

    /// Names of resources have at most 253 characters; what is cut is told apart by its hash.
    private static String shortened(String name) {
        String hash = Integer.toHexString(name.hashCode());
        return name.length() <= LONGEST_NAME ? name : "egress-" + hash + name.substring(name.lastIndexOf('-'));
    }
}
