package io.sallyport.cluster.dns;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsCnameCache;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Observes one look-up, for what its result does not contain: the least TTL on the way, aliases included, and whether
/// a name without addresses does not exist or could not be looked up.
final class Inquiry implements DnsCache, DnsCnameCache, DnsQueryLifecycleObserverFactory {
    private final Set<DnsQuestion> answered = new HashSet<>();
    private final Set<DnsQuestion> open = new HashSet<>();
    private long ttlSeconds = Answer.Found.NO_TTL;

    Answer answer(Future<List<InetAddress>> done) {
        if (done.isSuccess() && !done.getNow().isEmpty()) {
            return new Answer.Found(done.getNow(), ttlSeconds);
        }
        open.removeAll(answered);
        if (open.isEmpty() && !answered.isEmpty()) {
            return new Answer.NoSuchName();
        }
        Throwable cause = done.cause();
        return new Answer.Failed(cause == null ? "no answer" : String.valueOf(cause.getMessage()));
    }

    @Override
    public DnsQueryLifecycleObserver newDnsQueryLifecycleObserver(DnsQuestion question) {
        return new Question(question);
    }

    @Override
    public DnsCacheEntry cache(
            String name, DnsRecord[] additionals, InetAddress address, long originalTtl, EventLoop loop) {
        seen(originalTtl);
        return new NotCached(address, null);
    }

    @Override
    public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return new NotCached(null, cause);
    }

    @Override
    public void cache(String name, String alias, long originalTtl, EventLoop loop) {
        seen(originalTtl);
    }

    private void seen(long ttl) {
        ttlSeconds = ttlSeconds == Answer.Found.NO_TTL ? ttl : Math.min(ttlSeconds, ttl);
    }

    @Override
    public @Nullable List<? extends DnsCacheEntry> get(String name, DnsRecord[] additionals) {
        return null;
    }

    @Override
    public @Nullable String get(String name) {
        return null;
    }

    @Override
    public void clear() {}

    @Override
    public boolean clear(String name) {
        return false;
    }

    private record NotCached(
            @Nullable InetAddress address, @Nullable Throwable cause) implements DnsCacheEntry {}

    /// One question, over all servers that it is sent to: an answer of any of them counts.
    private final class Question implements DnsQueryLifecycleObserver {
        private final DnsQuestion question;
        private boolean awaited;

        Question(DnsQuestion question) {
            this.question = question;
        }

        @Override
        public void queryWritten(InetSocketAddress server, ChannelFuture written) {
            awaited = true;
        }

        @Override
        public void queryCancelled(int queriesRemaining) {}

        @Override
        public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> servers) {
            return this;
        }

        @Override
        public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion alias) {
            return new Question(alias);
        }

        @Override
        public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
            awaited = false;
            open.add(question);
            return this;
        }

        @Override
        public void queryFailed(Throwable cause) {
            if (cause instanceof DnsNameResolverException) {
                open.add(question);
            } else if (awaited) {
                // A server was queried and has no address. Where none was, the list of servers was at its end.
                answered.add(question);
            }
        }

        @Override
        public void querySucceed() {
            answered.add(question);
        }
    }
}
