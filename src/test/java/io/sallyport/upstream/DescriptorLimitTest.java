package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelException;
import io.sallyport.upstream.DescriptorLimit.Use;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorLimitTest {
    private final AtomicLong most = new AtomicLong(1_100);
    private final AtomicLong now = new AtomicLong();
    private final DescriptorLimit limit = new DescriptorLimit(most::get, () -> 76, now::get);

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
    void aLimitThatChangesCountsAfterASecond() {
        assertThat(limit.shared()).isEqualTo(1_024);
        most.set(588);
        assertThat(limit.shared()).isEqualTo(1_024);
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(limit.shared()).isEqualTo(512);
        assertThat(limit.share(Use.CLIENTS)).isEqualTo(256);
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
