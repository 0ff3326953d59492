package io.sallyport.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.sallyport.cluster.dns.DnsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A name server on a port of its own, over UDP and TCP, that answers as a test tells it to. What it was not told does
/// not exist.
public final class TestDns implements AutoCloseable {
    private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final Channel datagrams;

    /// @param truncated over UDP; the answer comes over TCP alone
    private record Reply(DnsResponseCode code, List<Entry> entries, boolean silent, boolean truncated) {}

    private record Entry(String name, DnsRecordType type, long ttl, byte[] data) {}

    public TestDns() {
        datagrams = bind(16);
    }

    /// One port for both: what UDP gets may be taken for TCP.
    private Channel bind(int tries) {
        Channel udp = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(pipeline(DatagramDnsQueryDecoder::new, DatagramDnsResponseEncoder::new, Udp::new))
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        ChannelFuture tcp = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(pipeline(TcpDnsQueryDecoder::new, TcpDnsResponseEncoder::new, Tcp::new))
                .bind(udp.localAddress())
                .awaitUninterruptibly();
        if (tcp.isSuccess()) {
            return udp;
        }
        udp.close().syncUninterruptibly();
        if (tries == 0) {
            throw new IllegalStateException(tcp.cause());
        }
        return bind(tries - 1);
    }

    @SafeVarargs
    private static ChannelInitializer<Channel> pipeline(Supplier<ChannelHandler>... handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                for (Supplier<ChannelHandler> handler : handlers) {
                    channel.pipeline().addLast(handler.get());
                }
            }
        };
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) datagrams.localAddress();
    }

    /// Settings that ask these servers, in this order.
    public static DnsSettings settings(TestDns... servers) {
        DnsSettings defaults = DnsSettings.DEFAULT;
        return defaults.withQueries(provider(servers), defaults.families(), defaults.queryTimeout());
    }

    /// Settings that ask these servers, soon again where there was no answer. No program can be told that.
    public static DnsSettings impatient(TestDns... servers) {
        DnsSettings usual = settings(servers);
        return new DnsSettings(
                usual.servers(),
                usual.families(),
                usual.queryTimeout(),
                usual.shortest(),
                usual.longest(),
                usual.hostsFile(),
                usual.negative().dividedBy(10),
                usual.firstRetry().dividedBy(10),
                usual.longestRetry());
    }

    /// Settings that ask this server, for IPv6 addresses too, and give up a query after half a second.
    public DnsSettings settings() {
        return DnsSettings.DEFAULT.withQueries(
                provider(this), ResolvedAddressTypes.IPV4_PREFERRED, Duration.ofMillis(500));
    }

    private static DnsServerAddressStreamProvider provider(TestDns... servers) {
        return new SequentialDnsServerAddressStreamProvider(
                Arrays.stream(servers).map(TestDns::address).toArray(InetSocketAddress[]::new));
    }

    /// Whether anybody has asked for the name.
    public boolean wasAsked(String name) {
        return questions.stream().anyMatch(question -> question.startsWith(name + ' '));
    }

    /// `name type` of every query so far, `a.example A`.
    public List<String> questions() {
        return List.copyOf(questions);
    }

    public TestDns addresses(String name, long ttl, String... literals) {
        Map<DnsRecordType, List<Entry>> byType =
                Map.of(DnsRecordType.A, new ArrayList<>(), DnsRecordType.AAAA, new ArrayList<>());
        for (String literal : literals) {
            byte[] bytes = InetAddress.ofLiteral(literal).getAddress();
            DnsRecordType type = bytes.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA;
            byType.get(type).add(new Entry(name, type, ttl, bytes));
        }
        byType.forEach((type, entries) ->
                replies.put(key(name, type), new Reply(DnsResponseCode.NOERROR, entries, false, false)));
        return this;
    }

    /// IPv6 records alone, of the very 16 bytes: `::ffff:127.0.0.1` too.
    public TestDns ipv6(String name, long ttl, String literal) {
        Entry entry = new Entry(name, DnsRecordType.AAAA, ttl, NetUtil.createByteArrayFromIpAddressString(literal));
        replies.put(key(name, DnsRecordType.A), new Reply(DnsResponseCode.NOERROR, List.of(), false, false));
        replies.put(key(name, DnsRecordType.AAAA), new Reply(DnsResponseCode.NOERROR, List.of(entry), false, false));
        return this;
    }

    /// The alias alone: its target has to be asked for.
    public TestDns alias(String name, long ttl, String target) {
        Entry entry = new Entry(name, DnsRecordType.CNAME, ttl, encoded(target));
        return all(name, new Reply(DnsResponseCode.NOERROR, List.of(entry), false, false));
    }

    public TestDns code(String name, DnsResponseCode code) {
        return all(name, new Reply(code, List.of(), false, false));
    }

    public TestDns silent(String name) {
        return all(name, new Reply(DnsResponseCode.NOERROR, List.of(), true, false));
    }

    public TestDns unknown(String name) {
        replies.keySet().removeIf(key -> key.startsWith(name + ' '));
        return this;
    }

    /// What the name has comes over TCP only.
    public TestDns truncated(String name) {
        replies.replaceAll((key, reply) ->
                key.startsWith(name + ' ') ? new Reply(reply.code(), reply.entries(), false, true) : reply);
        return this;
    }

    private TestDns all(String name, Reply reply) {
        for (DnsRecordType type : List.of(DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.CNAME)) {
            replies.put(key(name, type), reply);
        }
        return this;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Reply reply(DnsQuestion question) {
        String name = question.name().substring(0, question.name().length() - 1);
        questions.add(name + ' ' + question.type().name());
        return replies.getOrDefault(
                key(name, question.type()), new Reply(DnsResponseCode.NXDOMAIN, List.of(), false, false));
    }

    private static void fill(DnsResponse response, DnsQuestion question, Reply reply, boolean udp) {
        response.setCode(reply.code()).addRecord(DnsSection.QUESTION, question);
        response.setRecursionAvailable(true);
        if (udp && reply.truncated()) {
            response.setTruncated(true);
            return;
        }
        for (Entry entry : reply.entries()) {
            DnsRecord dnsRecord = new DefaultDnsRawRecord(
                    entry.name() + '.', entry.type(), entry.ttl(), Unpooled.wrappedBuffer(entry.data()));
            response.addRecord(DnsSection.ANSWER, dnsRecord);
        }
    }

    private static String key(String name, DnsRecordType type) {
        return name + ' ' + type.name();
    }

    private static byte[] encoded(String name) {
        ByteBuf out = Unpooled.buffer();
        for (String label : name.split("\\.")) {
            out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        out.writeByte(0);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private final class Udp extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            Reply reply = reply(question);
            if (!reply.silent()) {
                DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
                fill(response, question, reply, true);
                context.writeAndFlush(response);
            }
        }
    }

    private final class Tcp extends SimpleChannelInboundHandler<DefaultDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DefaultDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            Reply reply = reply(question);
            if (!reply.silent()) {
                DefaultDnsResponse response = new DefaultDnsResponse(query.id());
                fill(response, question, reply, false);
                context.writeAndFlush(response);
            }
        }
    }
}
