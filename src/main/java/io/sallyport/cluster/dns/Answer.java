package io.sallyport.cluster.dns;

import java.net.InetAddress;
import java.util.List;

/// How one look-up of a name ended.
public sealed interface Answer {
    /// @param addresses at least one, in the order of the answer
    /// @param ttlSeconds the least of the records that led to them, or -1 where there were none (the hosts file)
    record Found(List<InetAddress> addresses, long ttlSeconds) implements Answer {
        public static final long NO_TTL = -1;

        public Found {
            addresses = List.copyOf(addresses);
        }
    }

    /// The name does not exist, or has no address, by the answer of a name server.
    record NoSuchName() implements Answer {}

    /// There was no answer that counts: time-outs, SERVFAIL, REFUSED, no network.
    record Failed(String reason) implements Answer {}
}
