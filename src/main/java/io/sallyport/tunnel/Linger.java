package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.sallyport.http.h1.ChannelClosing;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The end of a relay whose endpoint has said all, is gone, and so takes nothing of what its client still sends. The
/// client may be reading: to close its connection, with bytes of its own unread, takes away what its system has not
/// received yet. It is cut at the first look at which its system has everything, or after ten minutes.
public final class Linger implements Runnable {
    private static final long LOOK_SECONDS = 30;
    private static final int MOST_LOOKS = 20;

    private final EventLoop loop;
    private final BooleanSupplier over;
    private final Supplier<@Nullable Channel> client;
    private final Runnable cut;
    private int looks;

    private Linger(EventLoop loop, BooleanSupplier over, Supplier<@Nullable Channel> client, Runnable cut) {
        this.loop = loop;
        this.over = over;
        this.client = client;
        this.cut = cut;
    }

    /// @param over whether it has ended by itself
    /// @param client the channel that carries its bytes as they are, or null
    public static void start(EventLoop loop, BooleanSupplier over, Supplier<@Nullable Channel> client, Runnable cut) {
        new Linger(loop, over, client, cut).lookLater();
    }

    private void lookLater() {
        loop.schedule(this, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void run() {
        if (over.getAsBoolean()) {
            return;
        }
        looks++;
        if (looks >= MOST_LOOKS || ChannelClosing.isEndAcknowledged(client.get())) {
            cut.run();
        } else {
            lookLater();
        }
    }
}
