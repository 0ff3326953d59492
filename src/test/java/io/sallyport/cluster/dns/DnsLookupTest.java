package io.sallyport.cluster.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.ResolvedAddressTypes;
import io.sallyport.testing.TestDns;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a name server of its own, on real sockets.
class DnsLookupTest {
    private final EventLoopGroup group = new NioEventLoopGroup(1);
    private final EventLoop loop = group.next();
    private TestDns server;

    @BeforeEach
    void start() throws Exception {
        server = new TestDns();
    }

    @AfterEach
    void stop() {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void addressesOfBothFamiliesAreFoundWithTheLeastTtl() {
        server.addresses("a.example", 40, "10.0.0.1", "10.0.0.2", "fd00::1");

        assertThat(lookUp("a.example")).isEqualTo("10.0.0.1 10.0.0.2 fd00:0:0:0:0:0:0:1 for 40");
    }

    @Test
    void onlyOneFamilyIsAskedForWhereTheSettingsSaySo() {
        server.addresses("a.example", 40, "10.0.0.1", "fd00::1");

        assertThat(lookUp("a.example", settings(ResolvedAddressTypes.IPV4_ONLY, server)))
                .isEqualTo("10.0.0.1 for 40");
        assertThat(server.questions()).containsExactly("a.example A");
    }

    @Test
    void anAliasIsFollowedAndItsTtlCountsToo() {
        server.alias("a.example", 5, "b.example").addresses("b.example", 300, "10.0.0.7");

        assertThat(lookUp("a.example")).isEqualTo("10.0.0.7 for 5");
    }

    @Test
    void aLoopOfAliasesEnds() {
        server.alias("a.example", 5, "b.example").alias("b.example", 5, "a.example");

        assertThat(lookUp("a.example")).isNotEmpty().doesNotContain("for");
    }

    @Test
    void anAliasOfNothingIsNoSuchName() {
        server.alias("a.example", 5, "gone.example");

        assertThat(lookUp("a.example")).isEqualTo("no such name");
    }

    @Test
    void aNameThatDoesNotExistIsNoSuchName() {
        assertThat(lookUp("a.example")).isEqualTo("no such name");
    }

    @Test
    void aNameWithoutAddressesIsNoSuchName() {
        server.addresses("a.example", 40);

        assertThat(lookUp("a.example")).isEqualTo("no such name");
    }

    @Test
    void servfailIsAFailureAndNotNoSuchName() {
        server.code("a.example", DnsResponseCode.SERVFAIL);

        assertThat(lookUp("a.example")).startsWith("failed");
    }

    @Test
    void refusedIsAFailure() {
        server.code("a.example", DnsResponseCode.REFUSED);

        assertThat(lookUp("a.example")).startsWith("failed");
    }

    @Test
    void silenceIsAFailure() {
        server.silent("a.example");

        assertThat(lookUp("a.example")).startsWith("failed");
    }

    @Test
    void anAliasWhoseTargetIsSilentIsAFailure() {
        server.alias("a.example", 5, "b.example").silent("b.example");

        assertThat(lookUp("a.example")).startsWith("failed");
    }

    @Test
    void theSecondServerAnswersWhereTheFirstIsSilent() throws Exception {
        try (TestDns second = new TestDns()) {
            server.silent("a.example")
                    .code("b.example", DnsResponseCode.SERVFAIL)
                    .silent("c.example");
            second.addresses("a.example", 40, "10.0.0.1").addresses("b.example", 40, "10.0.0.2");

            assertThat(lookUp("a.example", both(second))).isEqualTo("10.0.0.1 for 40");
            assertThat(lookUp("b.example", both(second))).isEqualTo("10.0.0.2 for 40");
            assertThat(lookUp("c.example", both(second))).isEqualTo("no such name");
        }
    }

    @Test
    void aTruncatedAnswerIsFetchedOverTcp() {
        String[] many = IntStream.range(0, 200).mapToObj(i -> "10.0.1." + i).toArray(String[]::new);
        server.addresses("a.example", 40, many).truncated("a.example");

        assertThat(lookUp("a.example").split(" ")).hasSize(202);
    }

    @Test
    void theHostsFileNeedsNoServerAndHasNoTtl() {
        assertThat(lookUp("localhost")).contains("127.0.0.1").endsWith("for -1");
        assertThat(server.questions()).isEmpty();
    }

    @Test
    void aNameThatNoQueryCanHoldIsAFailure() {
        assertThat(lookUp("a..example")).startsWith("failed");
        assertThat(lookUp("x".repeat(64) + ".example")).startsWith("failed");
    }

    private DnsSettings both(TestDns second) {
        return settings(ResolvedAddressTypes.IPV4_PREFERRED, server, second);
    }

    private static DnsSettings settings(ResolvedAddressTypes families, TestDns... servers) {
        DnsSettings base = TestDns.settings(servers);
        return new DnsSettings(
                base.servers(),
                families,
                Duration.ofMillis(300),
                base.shortest(),
                base.longest(),
                base.hostsFile(),
                base.negative(),
                base.firstRetry(),
                base.longestRetry());
    }

    private String lookUp(String name) {
        return lookUp(name, settings(ResolvedAddressTypes.IPV4_PREFERRED, server));
    }

    private String lookUp(String name, DnsSettings settings) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        loop.execute(() -> new DnsLookup(loop, settings).resolve(name, answer::complete));
        return switch (answer.orTimeout(10, TimeUnit.SECONDS).join()) {
            case Answer.Found found ->
                String.join(
                                " ",
                                found.addresses().stream()
                                        .map(InetAddress::getHostAddress)
                                        .toList())
                        + " for "
                        + found.ttlSeconds();
            case Answer.NoSuchName none -> "no such name";
            case Answer.Failed failed -> "failed: " + failed.reason();
        };
    }
}
