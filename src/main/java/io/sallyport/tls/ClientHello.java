package io.sallyport.tls;

import io.netty.buffer.ByteBuf;
import io.sallyport.net.HostName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client says before any TLS is agreed on (RFC 8446 section 4.1.2), as far as the choice of a filter chain
/// needs it.
///
/// @param serverName in the form of [HostName#canonical], whose characters include the underscores of Istio's
///     `outbound_.80_._.host`; null if there is none, or what is there cannot be a server's name: then only a filter
///     chain for `*` matches. It also ends up in logs
/// @param protocols the ALPN list, in the client's order
/// @param encrypted the client sent `encrypted_client_hello` (RFC 9849), or the `encrypted_server_name` of its drafts:
///     the server name may be a decoy
/// @param earlyData null where the client announces none
/// @param keys of servers that it can verify
public record ClientHello(
        @Nullable String serverName,
        List<String> protocols,
        boolean encrypted,
        @Nullable EarlyData earlyData,
        VerifiableKeys keys) {
    /// Of a client that says nothing that is read here.
    public static final ClientHello EMPTY = new ClientHello(null, List.of(), false);

    /// Application data may follow that the client has encrypted already, in the hope that the server knows its
    /// session (RFC 8446 section 4.2.10).
    ///
    /// @param helloBytes length of the ClientHello message with its header
    /// @param otherGroups of key exchange that the client knows and has sent no key share for, by their numbers
    public record EarlyData(int helloBytes, List<Integer> otherGroups) {
        public EarlyData {
            otherGroups = List.copyOf(otherGroups);
        }
    }

    private static final int MESSAGE_HEADER = 4;
    private static final int VERSION_AND_RANDOM = 34;
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;
    private static final int EARLY_DATA = 42;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int KEY_SHARE = 51;
    private static final int ENCRYPTED_CLIENT_HELLO = 0xfe0d;
    /// Its forerunner, which no RFC has: draft-ietf-tls-esni-02.
    private static final int ENCRYPTED_SERVER_NAME = 0xffce;

    public ClientHello {
        protocols = List.copyOf(protocols);
    }

    /// Without early data, of a client that does not say what it can verify.
    public ClientHello(@Nullable String serverName, List<String> protocols, boolean encrypted) {
        this(serverName, protocols, encrypted, null, VerifiableKeys.UNKNOWN);
    }

    /// Reads the body of a ClientHello message, from `legacy_version` on. Bytes that break its format end the reading:
    /// the TLS engine, ours or the endpoint's, is the one to refuse them.
    public static ClientHello parse(ByteBuf body) {
        ByteBuf in = body.duplicate();
        if (in.readableBytes() < VERSION_AND_RANDOM) {
            return EMPTY;
        }
        in.skipBytes(VERSION_AND_RANDOM);
        ByteBuf session = vector(in, 1);
        ByteBuf suites = vector(in, 2);
        if (session == null || suites == null || vector(in, 1) == null) {
            return EMPTY;
        }
        ByteBuf extensions = vector(in, 2);
        return extensions == null
                ? EMPTY
                : extensions(extensions, MESSAGE_HEADER + body.readableBytes(), numbers(suites));
    }

    private static ClientHello extensions(ByteBuf extensions, int helloBytes, List<Integer> suites) {
        String serverName = null;
        int serverNames = 0;
        List<String> protocols = List.of();
        boolean encrypted = false;
        boolean early = false;
        boolean tls13 = false;
        List<Integer> schemes = null;
        List<Integer> groups = List.of();
        List<Integer> shared = List.of();
        while (extensions.readableBytes() >= 4) {
            int type = extensions.readUnsignedShort();
            ByteBuf data = vector(extensions, 2);
            if (data == null) {
                return EMPTY;
            }
            switch (type) {
                case SERVER_NAME -> {
                    serverName = serverName(data);
                    serverNames++;
                }
                case ALPN -> protocols = protocols(data);
                case ENCRYPTED_CLIENT_HELLO, ENCRYPTED_SERVER_NAME -> encrypted = true;
                case EARLY_DATA -> early = true;
                case SUPPORTED_VERSIONS -> tls13 = numbers(vector(data, 1)).contains(VerifiableKeys.VERSION_1_3);
                case SIGNATURE_ALGORITHMS -> schemes = numbers(vector(data, 2));
                case SUPPORTED_GROUPS -> groups = numbers(vector(data, 2));
                case KEY_SHARE -> shared = keyShares(data);
                default -> {}
            }
        }
        EarlyData earlyData = null;
        if (early) {
            List<Integer> others = new ArrayList<>(groups);
            others.removeAll(shared);
            earlyData = new EarlyData(helloBytes, others);
        }
        VerifiableKeys keys = new VerifiableKeys(tls13, suites, schemes, groups);
        // Of two names, another reader might believe the other one.
        return new ClientHello(serverNames == 1 ? serverName : null, protocols, encrypted, earlyData, keys);
    }

    /// RFC 6066 section 3: a list, which in practice and in every known server has the one entry of type host_name.
    private static @Nullable String serverName(ByteBuf data) {
        ByteBuf list = vector(data, 2);
        if (list == null || list.readableBytes() < 3 || list.readUnsignedByte() != 0) {
            return null;
        }
        ByteBuf name = vector(list, 2);
        if (name == null || list.isReadable() || data.isReadable()) {
            return null;
        }
        return HostName.canonical(name.toString(StandardCharsets.ISO_8859_1));
    }

    private static List<String> protocols(ByteBuf data) {
        List<String> protocols = new ArrayList<>();
        ByteBuf list = vector(data, 2);
        while (list != null && list.isReadable()) {
            ByteBuf protocol = vector(list, 1);
            if (protocol == null || !protocol.isReadable()) {
                return List.of();
            }
            protocols.add(protocol.toString(StandardCharsets.ISO_8859_1));
        }
        return protocols;
    }

    /// Of two bytes each, as far as the list can be read.
    private static List<Integer> numbers(@Nullable ByteBuf list) {
        List<Integer> numbers = new ArrayList<>();
        while (list != null && list.readableBytes() >= 2) {
            numbers.add(list.readUnsignedShort());
        }
        return numbers;
    }

    /// The groups of key exchange that a key is sent for (RFC 8446, section 4.2.8).
    private static List<Integer> keyShares(ByteBuf data) {
        List<Integer> groups = new ArrayList<>();
        ByteBuf list = vector(data, 2);
        while (list != null && list.readableBytes() >= 2) {
            groups.add(list.readUnsignedShort());
            if (vector(list, 2) == null) {
                break;
            }
        }
        return groups;
    }

    /// Takes a vector with a length of one or two bytes; null where the bytes end before it does.
    private static @Nullable ByteBuf vector(ByteBuf in, int lengthBytes) {
        if (in.readableBytes() < lengthBytes) {
            return null;
        }
        int length = lengthBytes == 1 ? in.readUnsignedByte() : in.readUnsignedShort();
        return in.readableBytes() < length ? null : in.readSlice(length);
    }
}
