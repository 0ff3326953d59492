package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelException;
import io.sallyport.cluster.DescriptorLimit.Use;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorLimitTest {
    private final AtomicLong most = new AtomicLong(1_100);
    private final AtomicLong open = new AtomicLong(76);
    private final DescriptorLimit limit = new DescriptorLimit(most::get, open::get);

    @ParameterizedTest
    @CsvSource({"CLIENTS, 512", "ENDPOINTS, 384", "DIALS, 256", "TUNNELS, 256", "MIRRORS, 128"})
    void eachUseHasItsShareOfWhatIsNotOpenYet(Use use, int share) {
        for (int i = 0; i < share; i++) {
            assertThat(limit.take(use)).isTrue();
        }
        assertThat(limit.take(use)).isFalse();
        assertThat(limit.used(use)).isEqualTo(share);

        limit.giveBack(use);
        assertThat(limit.take(use)).isTrue();
    }

    @Test
    void clientsAndEndpointsTogetherLeaveRoomForFiles() {
        assertThat(limit.share(Use.CLIENTS) + limit.share(Use.ENDPOINTS)).isLessThanOrEqualTo(limit.shared() * 7 / 8);
    }

    @Test
    void aLimitThatChangesCountsAtOnce() {
        assertThat(limit.shared()).isEqualTo(1_024);
        for (int i = 0; i < 256; i++) {
            assertThat(limit.take(Use.CLIENTS)).isTrue();
        }
        most.set(588);
        assertThat(limit.take(Use.CLIENTS)).isFalse();
        assertThat(limit.shared()).isEqualTo(512);
        most.set(1_100);
        assertThat(limit.take(Use.CLIENTS)).isTrue();
    }

    @Test
    void whatIsOpenIsMeasuredWithoutTheConnectionsAmongIt() {
        assertThat(limit.shared()).isEqualTo(1_024);
        for (int i = 0; i < 30; i++) {
            limit.take(Use.CLIENTS);
            limit.take(Use.ENDPOINTS);
            limit.take(Use.TUNNELS);
        }
        // Sixty connections, and what was opened since the first reading.
        open.set(120 + 60);

        limit.measure();

        assertThat(limit.shared()).isEqualTo(980);
        open.set(500);
        assertThat(limit.shared()).isEqualTo(980);
    }

    @Test
    void aSmallLimitIsSharedOutByWhatServingHasOpen() {
        most.set(200);
        open.set(10);
        assertThat(limit.shared()).isEqualTo(190);
        open.set(120);

        limit.measure();

        assertThat(limit.share(Use.CLIENTS)).isEqualTo(40);
        assertThat(limit.share(Use.ENDPOINTS)).isEqualTo(30);
        assertThat(limit.share(Use.DESTINATION)).isEqualTo(15);
    }

    @Test
    void aLimitBelowWhatIsOpenLeavesSomething() {
        most.set(10);
        assertThat(limit.share(Use.CLIENTS)).isPositive();
        assertThat(limit.share(Use.MIRRORS)).isPositive();
    }

    @Test
    void aLimitWithoutBoundIsOne() {
        most.set(Long.MAX_VALUE);
        assertThat(limit.share(Use.CLIENTS)).isEqualTo(Integer.MAX_VALUE / 2);
    }

    @Test
    void theProcessHasOne() {
        assertThat(DescriptorLimit.ofProcess().shared()).isPositive();
    }

    @Test
    void theSystemsWordsAreKnown() {
        assertThat(DescriptorLimit.isReached(new ChannelException(new IOException("socket: Too many open files"))))
                .isTrue();
        assertThat(DescriptorLimit.isReached(new IOException("Connection refused")))
                .isFalse();
        assertThat(DescriptorLimit.isReached(null)).isFalse();
    }
}
