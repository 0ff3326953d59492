package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.http.h1.ChannelClosing;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsSpecs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A side of TLS that has ended its output, against a peer that goes on: the JDK's.
class TlsHandlerTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final Issued SERVER = CA.leaf("api").dns("api.test").issue();

    private final List<String> seen = new ArrayList<>();
    private final EmbeddedChannel client = new EmbeddedChannel();
    private final EmbeddedChannel server = new EmbeddedChannel();

    /// Writes down what the connection's last handler would take for data and for their end.
    private final class Last extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf data = (ByteBuf) message;
            seen.add(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            // It may be said twice.
            if (ChannelClosing.isEndOfInput(context.channel(), event) && !seen.contains("end")) {
                seen.add("end");
            }
        }
    }

    @AfterEach
    void close() {
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
    }

    private void exchange() {
        boolean moved;
        do {
            moved = move(client, server) | move(server, client);
        } while (moved);
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        boolean moved = false;
        for (ByteBuf data = from.readOutbound(); data != null; data = from.readOutbound()) {
            to.writeInbound(data);
            moved = true;
        }
        return moved;
    }

    /// @param http chooses the implementation: see [TlsProvider#forProtocols]
    private void connect(boolean http, String version) throws Exception {
        SSLEngine engine = TlsClients.of(SERVER, CA).createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {version});
        server.pipeline().addLast(new SslHandler(engine));
        SslHandler handler = UpstreamTlsContext.of(TlsSpecs.upstream(SERVER.trust()))
                .newHandler(ByteBufAllocator.DEFAULT, "api.test", 443, http ? List.of("http/1.1") : List.of());
        client.pipeline().addLast(handler, new Last());
        // The server's tickets of TLS 1.3 arrive when the client has ended its output.
        while (!handler.handshakeFuture().isDone()) {
            move(client, server);
            ByteBuf next = server.readOutbound();
            if (next != null) {
                client.writeInbound(next);
            }
        }
        assertThat(handler.handshakeFuture().isSuccess()).isTrue();
    }

    private void send(String text) {
        server.writeOutbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
        exchange();
    }

    @ParameterizedTest
    @CsvSource({"true, TLSv1.3", "false, TLSv1.3", "true, TLSv1.2"})
    void whatThePeerStillSendsIsRead(boolean http, String version) throws Exception {
        connect(http, version);
        client.pipeline().get(SslHandler.class).closeOutbound();
        if (version.equals("TLSv1.3")) {
            exchange();
            send("late");
            send("later");
        }
        server.pipeline().get(SslHandler.class).closeOutbound();
        exchange();

        assertThat(seen)
                .containsExactlyElementsOf(
                        version.equals("TLSv1.3") ? List.of("late", "later", "end") : List.of("end"));
    }

    @ParameterizedTest
    @CsvSource({"true, TLSv1.3", "false, TLSv1.3", "true, TLSv1.2", "false, TLSv1.2"})
    void thePeersEndAloneIsOne(boolean http, String version) throws Exception {
        connect(http, version);
        send("all");
        server.pipeline().get(SslHandler.class).closeOutbound();
        exchange();

        assertThat(seen).containsExactly("all", "end");
    }
}
