package io.sallyport.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides whether an address may be dialled, whatever name led to it: whoever controls a name's records must not be
/// able to choose which internal machine answers.
///
/// @param exceptions that may be dialled nevertheless; guards with the same ones in another order are equal
/// @param ownPorts of this process: at this machine's own addresses they are not dialled, whatever the exceptions say,
///     or a request for the gateway itself would loop until there are no more sockets
/// @param ownAddresses by which others reach this process, though no interface of this machine has them
/// @param services the endpoints behind addresses of services
public record AddressGuard(
        Level level,
        List<AddressRange> exceptions,
        Set<Integer> ownPorts,
        List<AddressRange> ownAddresses,
        Services services) {
    /// Knows which endpoints an address of a service leads to.
    public interface Services {
        Services UNKNOWN = _ -> List.of();

        /// Those of the service with this very address and port; empty if there is none.
        List<InetSocketAddress> endpoints(InetSocketAddress service);
    }

    /// Where the endpoints are.
    public enum Level {
        /// Outside the mesh (`ServiceEntry.location` MESH_EXTERNAL): only addresses of the open internet.
        EXTERNAL,
        /// In the mesh: private addresses too, but none of this machine, its link or its cloud's metadata.
        INTERNAL
    }

    public static final AddressGuard EXTERNAL =
            new AddressGuard(Level.EXTERNAL, List.of(), Set.of(), List.of(), Services.UNKNOWN);
    public static final AddressGuard INTERNAL =
            new AddressGuard(Level.INTERNAL, List.of(), Set.of(), List.of(), Services.UNKNOWN);

    public AddressGuard {
        exceptions = exceptions.stream()
                .distinct()
                .sorted(Comparator.comparing(AddressRange::toString))
                .toList();
        ownPorts = Set.copyOf(ownPorts);
        ownAddresses = List.copyOf(ownAddresses);
    }

    /// With these exceptions as well.
    public AddressGuard allowing(Collection<AddressRange> ranges) {
        List<AddressRange> all = new ArrayList<>(exceptions);
        all.addAll(ranges);
        return new AddressGuard(level, all, ownPorts, ownAddresses, services);
    }

    /// With these ports of the process: at this machine's addresses, at the given ones, and behind the services.
    public AddressGuard withOwn(Collection<Integer> ports, Collection<AddressRange> addresses, Services behind) {
        return new AddressGuard(level, exceptions, Set.copyOf(ports), List.copyOf(addresses), behind);
    }

    /// Null if the address may be dialled, else what is wrong with it: `link_local_address`. Of an IPv6 address whose
    /// packets are translated, the IPv4 address is judged.
    public @Nullable String refusal(InetAddress address) {
        AddressKind kind = SpecialAddresses.kind(address);
        if (!kind.isRefused(level) || isException(address)) {
            return null;
        }
        InetAddress embedded = SpecialAddresses.embedded(address);
        return embedded != null && isException(embedded) ? null : kind.reason();
    }

    /// The first refused one of a name's addresses, or null. One is enough: a name that mixes them cannot be trusted
    /// with the others.
    @Nullable
    public AddressRefusal judge(String name, Iterable<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            String reason = refusal(address);
            if (reason != null) {
                return new AddressRefusal(name, address.getHostAddress(), reason);
            }
        }
        return null;
    }

    /// Whether a connection to there would or might arrive at this process again: there may be others like it behind
    /// a service.
    boolean isOwn(InetSocketAddress socket) {
        if (ownPorts.isEmpty()) {
            return false;
        }
        if (isOwnEndpoint(socket)) {
            return true;
        }
        for (InetSocketAddress endpoint : services.endpoints(socket)) {
            if (isOwnEndpoint(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /// Asks the system only if the port is one of ours.
    private boolean isOwnEndpoint(InetSocketAddress socket) {
        if (!ownPorts.contains(socket.getPort())) {
            return false;
        }
        InetAddress embedded = SpecialAddresses.embedded(socket.getAddress());
        InetAddress address = embedded == null ? socket.getAddress() : embedded;
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return true;
        }
        InetSocketAddress sought = new InetSocketAddress(address, 0);
        if (ownAddresses.stream().anyMatch(range -> range.contains(sought))) {
            return true;
        }
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            return true;
        }
    }

    private boolean isException(InetAddress address) {
        if (exceptions.isEmpty()) {
            return false;
        }
        InetSocketAddress sought = new InetSocketAddress(address, 0);
        for (AddressRange range : exceptions) {
            if (range.contains(sought)) {
                return true;
            }
        }
        return false;
    }

    /// Why an address that is about to be dialled must not be, or null.
    @Nullable
    public AddressRefusal judge(String name, SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return null;
        }
        if (inet.isUnresolved()) {
            return new AddressRefusal(name, inet.getHostString(), "unresolved_address");
        }
        AddressRefusal own = judgeOwn(name, address);
        return own != null ? own : judge(name, List.of(inet.getAddress()));
    }

    /// Why an address that the configuration lists must not be dialled nevertheless, or null.
    @Nullable
    public AddressRefusal judgeOwn(String name, SocketAddress address) {
        return address instanceof InetSocketAddress inet && !inet.isUnresolved() && isOwn(inet)
                ? new AddressRefusal(name, inet.getHostString(), AddressRefusal.OWN_PORT)
                : null;
    }
}
