package io.sallyport.http.h1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.sallyport.http.HttpLimits;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// All time-outs of one connection with one scheduled task: it runs at least as often as the shortest of the limits,
/// so that setting a deadline is mostly no more than an assignment.
///
/// Its clock is the event loop's, read off the task's remaining delay.
final class ConnectionTimer implements Runnable {
    private static final long NONE = Long.MAX_VALUE;

    interface Owner {
        /// The deadline passed; none is set any more.
        void onDeadline();

        /// There was something to write all the time, and the peer took none of it.
        void onWriteStalled();
    }

    private final Channel channel;
    private final Owner owner;
    private final long period;
    private final long writeTimeout;

    private @Nullable ScheduledFuture<?> task;
    /// When the task runs, in nanoseconds since the connection's start.
    private long next;
    private long deadline = NONE;
    private long stalledSince = NONE;
    private long writeProgress;

    ConnectionTimer(Channel channel, HttpLimits limits, Owner owner) {
        this.channel = channel;
        this.owner = owner;
        this.writeTimeout = limits.writeTimeout().toNanos();
        this.period = shortest(limits);
    }

    void start() {
        schedule(0, period);
    }

    /// Sets the one deadline, so many nanoseconds from now, in place of the one before.
    void expect(long nanos) {
        long now = now();
        deadline = now + nanos;
        if (deadline < next && task != null) {
            task.cancel(false);
            schedule(now, nanos);
        }
    }

    void clear() {
        deadline = NONE;
    }

    void stop() {
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }

    @Override
    public void run() {
        if (task == null) {
            return;
        }
        long now = now();
        try {
            if (deadline <= now) {
                deadline = NONE;
                owner.onDeadline();
            }
            checkWrites(now);
        } catch (RuntimeException e) {
            channel.pipeline().fireExceptionCaught(e);
        }
        if (task != null) {
            schedule(now, Math.max(1, Math.min(period, deadline - now)));
        }
    }

    private void schedule(long now, long delay) {
        next = now + delay;
        task = channel.eventLoop().schedule(this, delay, TimeUnit.NANOSECONDS);
    }

    private long now() {
        return task == null ? next : next - task.getDelay(TimeUnit.NANOSECONDS);
    }

    private void checkWrites(long now) {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending == null || pending.totalPendingWriteBytes() == 0) {
            stalledSince = NONE;
            return;
        }
        long progress = pending.totalPendingWriteBytes() * 31
                + pending.currentProgress() * 17
                + System.identityHashCode(pending.current());
        if (stalledSince == NONE || progress != writeProgress) {
            stalledSince = now;
            writeProgress = progress;
        } else if (now - stalledSince >= writeTimeout) {
            stalledSince = NONE;
            owner.onWriteStalled();
        }
    }

    private static long shortest(HttpLimits limits) {
        long shortest = limits.writeTimeout().toNanos();
        for (Duration other : new Duration[] {limits.headTimeout(), limits.bodyTimeout(), limits.idleTimeout()}) {
            shortest = Math.min(shortest, other.toNanos());
        }
        return Math.max(shortest, TimeUnit.MILLISECONDS.toNanos(1));
    }
}
