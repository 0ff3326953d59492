package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// h2spec 2.2, the conformance suite for HTTP/2 servers, against a server that answers with the handler under test.
class H2SpecTest {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final Pattern SUMMARY =
            Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");
    private static final int TAR_BLOCK = 512;

    @TempDir
    Path directory;

    private final EventLoopGroup loops = new NioEventLoopGroup(1);
    private Channel server;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var info = new ConnectionInfo(1, channel.remoteAddress(), channel.localAddress(), null);
                        channel.pipeline()
                                .addLast(Http2ServerConnection.create(
                                        new EchoReceiver(), info, HttpLimits.DEFAULT, false));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void passesEveryCase() throws Exception {
        Result result = run();

        assertThat(result.failed()).as(result.output()).isZero();
        assertThat(result.tests()).isGreaterThanOrEqualTo(145);
        assertThat(result.passed()).as(result.output()).isEqualTo(result.tests());
    }

    @Test
    void passesEveryStrictCase() throws Exception {
        Result result = run("-S");

        assertThat(result.passed()).as(result.output()).isEqualTo(result.tests());
    }

    private record Result(int tests, int passed, int failed, String output) {}

    private Result run(String... options) throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "the binary is for Linux");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the binary is for x86-64");
        Path binary = extract(directory);
        Path log = directory.resolve("log");
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        List<String> command =
                new java.util.ArrayList<>(List.of(binary.toString(), "-h", "127.0.0.1", "-p", "" + port, "-o", "2"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String output = Files.readString(log);
        Matcher summary = SUMMARY.matcher(output);
        assertThat(summary.find()).as(output).isTrue();
        return new Result(
                Integer.parseInt(summary.group(1)),
                Integer.parseInt(summary.group(2)),
                Integer.parseInt(summary.group(4)),
                output);
    }

    /// Takes the program out of the archive: the one regular file of a tar file.
    private static Path extract(Path directory) throws IOException {
        try (InputStream resource = H2SpecTest.class.getResourceAsStream(ARCHIVE);
                DataInputStream tar = new DataInputStream(new GZIPInputStream(resource))) {
            byte[] header = new byte[TAR_BLOCK];
            while (true) {
                tar.readFully(header);
                String name = new String(header, 0, 100, StandardCharsets.US_ASCII).trim();
                long size = Long.parseLong(new String(header, 124, 11, StandardCharsets.US_ASCII).trim(), 8);
                if (name.endsWith("h2spec")) {
                    Path binary = directory.resolve("h2spec");
                    Files.write(binary, tar.readNBytes((int) size));
                    assertThat(binary.toFile().setExecutable(true)).isTrue();
                    return binary;
                }
                tar.skipNBytes((size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
            }
        }
    }
}
