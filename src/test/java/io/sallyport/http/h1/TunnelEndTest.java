package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How CONNECT tunnels end: by halves, for a peer that does not read, and not by silence or draining.
class TunnelEndTest {
    private static final String CONNECT = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";

    private static void accept(ServerHarness server) {
        server.last().stream.writeHead(head(200), false);
        server.last().stream.flush();
        server.channel.runPendingTasks();
    }

    private static ServerHarness tunnel() {
        ServerHarness server = new ServerHarness().send(CONNECT);
        accept(server);
        assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
        return server;
    }

    private static void endInput(ServerHarness server) {
        server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        server.channel.runPendingTasks();
    }

    @Test
    void theClientsEndIsPassedOnAndTheOtherSideGoesOn() {
        try (ServerHarness server = tunnel()) {
            server.send("last");
            int completes = server.last().readCompletes;
            endInput(server);
            assertThat(server.last().ended).isTrue();
            assertThat(server.last().readCompletes).as("time to flush the end").isGreaterThan(completes);
            server.last().stream.writeData(ascii("answer"), false);
            server.last().stream.flush();
            server.advance(Duration.ofMinutes(10));
            assertThat(server.output()).isEqualTo("answer");
            assertThat(server.isOpen()).isTrue();

            server.last().stream.writeData(ascii("bye"), true);
            assertThat(server.output()).isEqualTo("bye");
            assertThat(server.isOpen()).isFalse();
            assertThat(server.last().error).isNull();
        }
    }

    @Test
    void theEndpointsEndIsPassedOnAndTheClientGoesOn() {
        try (ServerHarness server = tunnel()) {
            server.last().stream.writeData(ascii("bye"), true);
            server.advance(Duration.ofMinutes(10));
            server.send("still here");
            assertThat(server.last().body()).isEqualTo("still here");
            assertThat(server.isOpen()).isTrue();
            endInput(server);

            assertThat(server.last().ended).isTrue();
            assertThat(server.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "early"})
    void anEndBeforeTheAnswerIsHeardOfAfterIt(String early) {
        try (ServerHarness server = new ServerHarness().send(CONNECT + early)) {
            endInput(server);
            assertThat(server.last().ended).isFalse();
            accept(server);

            assertThat(server.last().body()).isEqualTo(early);
            assertThat(server.last().ended).isTrue();
            server.last().stream.writeData(ascii("answer"), true);
            assertThat(server.output()).endsWith("\r\n\r\nanswer");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void silenceIsTheOwnersConcern() {
        try (ServerHarness server = tunnel()) {
            server.advance(Duration.ofHours(2));
            server.send("a");
            server.advance(Duration.ofHours(2));
            server.last().stream.writeData(ascii("b"), false);
            server.last().stream.flush();
            server.advance(Duration.ofHours(2));

            assertThat(server.last().error).isNull();
            assertThat(server.output()).isEqualTo("b");
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void soIsTheTimeThatTheAnswerTakes() {
        try (ServerHarness server = new ServerHarness().send(CONNECT + "early")) {
            server.advance(Duration.ofMinutes(5));

            assertThat(server.last().error).isNull();
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void aClientThatReadsNothingIsCutOff() {
        try (ServerHarness server = tunnel()) {
            server.stuck = true;
            server.last().stream.writeData(ascii("x".repeat(5000)), false);
            server.last().stream.flush();
            server.advance(Duration.ofMinutes(6));

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void drainingLeavesTheTunnelAlone() {
        try (ServerHarness server = tunnel()) {
            server.connection.drain();
            server.advance(Duration.ofMinutes(10));
            server.send("on");
            assertThat(server.last().body()).isEqualTo("on");
            server.last().stream.writeData(ascii("and on"), false);
            server.last().stream.flush();
            assertThat(server.output()).isEqualTo("and on");

            endInput(server);
            server.last().stream.writeData(ascii(""), true);
            assertThat(server.isOpen()).isFalse();
        }
    }
}
