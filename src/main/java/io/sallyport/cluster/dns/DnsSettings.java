package io.sallyport.cluster.dns;

import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How names are looked up.
///
/// @param servers null for those of the platform (`/etc/resolv.conf`)
/// @param families null for IPv4, and IPv6 where an interface has a global IPv6 address
/// @param queryTimeout of one query to one server
/// @param shortest time between two look-ups of a name, whatever the TTL says
/// @param longest time between two look-ups of a name, whatever the TTL says
/// @param hostsFile time between two look-ups of a name that has no TTL
/// @param negative time until a name that does not exist is looked up again
/// @param firstRetry pause after a failed look-up; it doubles with each further failure, up to `longestRetry`
public record DnsSettings(
        @Nullable DnsServerAddressStreamProvider servers,
        @Nullable ResolvedAddressTypes families,
        Duration queryTimeout,
        Duration shortest,
        Duration longest,
        Duration hostsFile,
        Duration negative,
        Duration firstRetry,
        Duration longestRetry) {

    public static final DnsSettings DEFAULT = new DnsSettings(
            null,
            null,
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofSeconds(300),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30));

    /// The same times between look-ups, with other queries.
    public DnsSettings withQueries(
            @Nullable DnsServerAddressStreamProvider newServers,
            @Nullable ResolvedAddressTypes newFamilies,
            Duration newTimeout) {
        return new DnsSettings(
                newServers, newFamilies, newTimeout, shortest, longest, hostsFile, negative, firstRetry, longestRetry);
    }
}
