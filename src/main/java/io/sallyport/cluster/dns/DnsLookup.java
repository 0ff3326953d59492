package io.sallyport.cluster.dns;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/// Queries the platform's name servers, after the hosts file and along the search domains.
///
/// Each look-up has a resolver of its own that caches nothing, because the TTL is read where answers would be
/// cached, and a socket, and so a source port, of its own (RFC 5452, 9.2).
final class DnsLookup implements AddressLookup {
    private final DnsNameResolverBuilder template;
    private final EventLoop loop;

    DnsLookup(EventLoop loop, DnsSettings settings) {
        this.loop = loop;
        boolean epoll = loop.parent() instanceof EpollEventLoopGroup;
        ChannelFactory<DatagramChannel> datagrams = epoll ? EpollDatagramChannel::new : NioDatagramChannel::new;
        ChannelFactory<SocketChannel> sockets = epoll ? EpollSocketChannel::new : NioSocketChannel::new;
        template = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(datagrams)
                .socketChannelFactory(sockets)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .queryTimeoutMillis(settings.queryTimeout().toMillis())
                .completeOncePreferredResolved(false);
        if (settings.families() != null) {
            template.resolvedAddressTypes(settings.families());
        }
        if (settings.servers() != null) {
            template.nameServerProvider(settings.servers());
        }
    }

    @Override
    public void resolve(String name, Consumer<Answer> then) {
        Inquiry inquiry = new Inquiry();
        DnsNameResolver resolver;
        Future<List<InetAddress>> pending;
        try {
            resolver = template.copy()
                    .resolveCache(inquiry)
                    .cnameCache(inquiry)
                    .dnsQueryLifecycleObserverFactory(inquiry)
                    .build();
            pending = resolver.resolveAll(name);
        } catch (RuntimeException e) {
            then.accept(new Answer.Failed(String.valueOf(e.getMessage())));
            return;
        }
        pending.addListener((Future<List<InetAddress>> done) -> {
            resolver.close();
            then.accept(inquiry.answer(done));
        });
    }
}
