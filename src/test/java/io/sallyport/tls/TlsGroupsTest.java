package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsGroupsTest {
    private static final int X25519MLKEM768 = 0x11ec;
    private static final int X25519 = 29;
    private static final int P256 = 23;
    private static final int P384 = 24;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int KEY_SHARE = 51;

    private static final Issued SERVER =
            TestCertificates.authority("ca").leaf("api").dns("api.example.com").issue();

    @AfterEach
    void reset() {
        TlsGroups.choose(TlsGroups.DEFAULT);
    }

    private static byte[] firstFlight(SSLEngine engine) throws Exception {
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static SSLEngine client(String... alpn) throws Exception {
        return UpstreamTlsContext.of(TlsSpecs.upstream(SERVER.trust()))
                .newHandler(ByteBufAllocator.DEFAULT, "api.example.com", 443, List.of(alpn))
                .engine();
    }

    /// The body of an extension of a ClientHello or ServerHello in one record, or null.
    private static ByteBuffer extension(byte[] record, int wanted) {
        ByteBuffer in = ByteBuffer.wrap(record);
        boolean ofClient = record[5] == 1;
        in.position(5 + 4 + 2 + 32);
        in.position(in.position() + 1 + in.get(in.position()));
        in.position(in.position() + (ofClient ? 2 + in.getShort(in.position()) : 2));
        in.position(in.position() + (ofClient ? 1 + in.get(in.position()) : 1));
        int end = in.getShort() + in.position();
        while (in.position() < end) {
            int type = in.getShort();
            int length = in.getShort() & 0xffff;
            if (type == wanted) {
                return in.slice(in.position(), length);
            }
            in.position(in.position() + length);
        }
        return null;
    }

    private static List<Integer> groups(byte[] clientHello) {
        ByteBuffer list = extension(clientHello, SUPPORTED_GROUPS);
        list.getShort();
        List<Integer> groups = new ArrayList<>();
        while (list.hasRemaining()) {
            groups.add(list.getShort() & 0xffff);
        }
        return groups;
    }

    @Test
    void theHybridOneIsOfferedFirstWithItsShareAndTheJdkOffersWhatItHas() throws Exception {
        byte[] hello = firstFlight(client("h2"));
        assertThat(groups(hello)).containsExactly(X25519MLKEM768, X25519, P256, P384);
        ByteBuffer shares = extension(hello, KEY_SHARE);
        assertThat(shares.getShort(2) & 0xffff).isEqualTo(X25519MLKEM768);
        assertThat(groups(firstFlight(client()))).containsExactly(X25519, P256, P384);
    }

    @Test
    void theHybridOneIsTakenFromAClientThatOffersIt() throws Exception {
        SSLEngine server = DownstreamTlsContext.of(TlsSpecs.downstream(SERVER.credential(), List.of("h2")))
                .newHandler(ByteBufAllocator.DEFAULT, ClientHello.EMPTY)
                .engine();
        server.unwrap(ByteBuffer.wrap(firstFlight(client("h2"))), ByteBuffer.allocate(1 << 16));
        for (Runnable task = server.getDelegatedTask(); task != null; task = server.getDelegatedTask()) {
            task.run();
        }
        assertThat(extension(firstFlight(server), KEY_SHARE).getShort() & 0xffff)
                .isEqualTo(X25519MLKEM768);
    }

    @Test
    void theSettingIsWhatIsOffered() throws Exception {
        TlsGroups.choose(List.of("secp384r1", "x25519"));
        assertThat(groups(firstFlight(client("h2")))).containsExactly(P384, X25519);
        assertThat(groups(firstFlight(client()))).containsExactly(P384, X25519);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x448", "X25519MLKEM768", "ffdhe2048"})
    void aNameThatIsNoneOrLeavesTheJdkNoneIsRefused(String name) {
        assertThatThrownBy(() -> TlsGroups.choose(List.of(name))).isInstanceOf(IllegalArgumentException.class);
    }
}
