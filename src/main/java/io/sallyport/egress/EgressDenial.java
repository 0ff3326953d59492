package io.sallyport.egress;

import io.sallyport.net.NumericHost;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Why a mesh client was answered 403, and what would allow it.
///
/// @param reason for metrics and the access log
/// @param explanation the response's body: a line, and where a ServiceEntry would help that as YAML, with the line as
///     its comment
/// @param line the same as one line for the log, without a ServiceEntry to paste
/// @param suggestion that ServiceEntry as YAML; null where none alone would allow the request
public record EgressDenial(
        Reason reason,
        String explanation,
        String line,
        @Nullable String suggestion) {

    /// What is wrong with the request, in the order of the checks.
    public enum Reason {
        /// The host ends in a number and is no address in its usual spelling.
        NUMERIC_HOST("egress_numeric_host"),
        HOST_NOT_LISTED("egress_host_not_listed"),
        /// The host is listed, for other ports.
        PORT_NOT_LISTED("egress_port_not_listed"),
        /// Host and port are listed, for another protocol.
        PROTOCOL_NOT_LISTED("egress_protocol_not_listed");

        private final String details;

        Reason(String details) {
            this.details = details;
        }

        /// For [io.sallyport.outcome.ProxyException#denied] and with it the access log.
        public String details() {
            return details;
        }
    }

    private static final int MOST_PORTS = 10;

    /// Explains a request that the list does not allow.
    public static EgressDenial of(EgressRequest asked, EgressList list) {
        List<EgressPermit> permits = list.permits(asked.host());
        if (NumericHost.spelling(asked.host()) == NumericHost.Spelling.DISGUISED) {
            return denial(Reason.NUMERIC_HOST, asked, numeric(asked.host()), null);
        }
        if (permits.isEmpty()) {
            return notListed(asked, list.nearest(asked.host()));
        }
        List<EgressPermit> samePort =
                permits.stream().filter(permit -> covers(permit, asked.port())).toList();
        if (samePort.isEmpty()) {
            String why = "listed only for " + ports(permits) + ", by " + whoNames(permits.getFirst());
            return denial(Reason.PORT_NOT_LISTED, asked, why, addition(asked, permits.getFirst()));
        }
        return denial(Reason.PROTOCOL_NOT_LISTED, asked, otherProtocol(asked, samePort.getFirst()), null);
    }

    private static boolean covers(EgressPermit permit, int port) {
        return permit.port() == 0 || permit.port() == port;
    }

    private static String numeric(String host) {
        String address = NumericHost.address(host);
        return "it ends in a number, so it is no name"
                + (address == null ? "" : "; some read it as the address " + address + ", which must be written so");
    }

    private static EgressDenial notListed(EgressRequest asked, @Nullable String nearest) {
        String obstacle = ListingText.obstacle(asked.host());
        String why = "not on the list";
        if (nearest != null) {
            why += "; the nearest name on it is " + nearest;
        }
        if (obstacle != null) {
            return denial(Reason.HOST_NOT_LISTED, asked, why + "; and no ServiceEntry can name it: " + obstacle, null);
        }
        ListingText listing = ListingText.of(asked.host(), Map.of(asked.port(), asked.kind()));
        return denial(Reason.HOST_NOT_LISTED, asked, why, listing);
    }

    /// A ServiceEntry that adds the port to those of the one that lists the host.
    private static @Nullable ListingText addition(EgressRequest asked, EgressPermit listed) {
        String namespace = ListingText.namespaceOf(listed);
        return namespace == null || ListingText.obstacle(asked.host()) != null
                ? null
                : ListingText.of(asked.host(), Map.of(asked.port(), asked.kind()))
                        .beside(namespace);
    }

    private static String ports(List<EgressPermit> permits) {
        String ports = permits.stream()
                .map(EgressPermit::port)
                .distinct()
                .sorted()
                .limit(MOST_PORTS)
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        long all = permits.stream().map(EgressPermit::port).distinct().count();
        return (all == 1 ? "port " : "ports ") + ports + (all > MOST_PORTS ? ", …" : "");
    }

    private static String otherProtocol(EgressRequest asked, EgressPermit permit) {
        String remedy =
                switch (permit.kind()) {
                    case TLS -> "ask for https:// through a tunnel (CONNECT)";
                    case HTTP -> "ask for http://";
                    case TCP, ANY -> "ask for a tunnel (CONNECT)";
                };
        return "listed for " + permit.kind() + " only, by " + whoNames(permit) + "; " + remedy
                + ", or change the protocol of port " + asked.port() + " there";
    }

    private static String whoNames(EgressPermit permit) {
        return permit.resource() + (permit.source().isEmpty() ? "" : " (" + permit.source() + ")");
    }

    private static EgressDenial denial(Reason reason, EgressRequest asked, String why, @Nullable ListingText listing) {
        String line = "egress denied: " + asked.target() + " requested by " + asked.client() + ": " + why;
        if (listing == null) {
            return new EgressDenial(reason, line + "\n", line, null);
        }
        String yaml = listing.yaml();
        // A YAML document as a whole, so that it can be appended to the list as it came.
        String explanation = "# " + line + "\n# This ServiceEntry would allow it:\n---\n" + yaml;
        return new EgressDenial(reason, explanation, line + "; " + listing.line(), yaml);
    }
}
