package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
    @ParameterizedTest
    @CsvSource({
        "api.example.com, api.example.com",
        "API.Example.COM, api.example.com",
        "api.example.com., api.example.com",
        "outbound_.80_v1_.billing.shop.svc.cluster.local, outbound_.80_v1_.billing.shop.svc.cluster.local",
        "localhost, localhost",
        "10.0.0.1, 10.0.0.1",
        "xn--bcher-kva.example, xn--bcher-kva.example",
    })
    void readsTheServerNameInLowerCase(String sent, String read) {
        assertThat(ClientHello.parse(Hello.body(Hello.serverName(sent))).serverName())
                .isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                ".a",
                "*",
                "*.example.com",
                "a b",
                "a\0b",
                "a\r\nb",
                "a/b",
                "[::1]",
                "::1",
                "bücher.example",
                "a:443"
            })
    void aNameThatNoServerCanHaveIsNone(String sent) {
        assertThat(ClientHello.parse(Hello.body(Hello.serverName(sent))).serverName())
                .isNull();
    }

    @Test
    void boundsTheLengthOfAName() {
        String longest = "a".repeat(253);
        assertThat(ClientHello.parse(Hello.body(Hello.serverName(longest))).serverName())
                .isEqualTo(longest);
        assertThat(ClientHello.parse(Hello.body(Hello.serverName(longest + "a")))
                        .serverName())
                .isNull();
    }

    @Test
    void twoNamesAreNone() {
        ByteBuf twoExtensions = Hello.body(Hello.serverName("a.example"), Hello.serverName("b.example"));
        assertThat(ClientHello.parse(twoExtensions).serverName()).isNull();
        byte[] a = "a.example".getBytes(StandardCharsets.US_ASCII);
        ByteBuf entries = Unpooled.buffer();
        for (int i = 0; i < 2; i++) {
            entries.writeByte(0).writeShort(a.length).writeBytes(a);
        }
        ByteBuf list = Unpooled.buffer().writeShort(entries.readableBytes()).writeBytes(entries);
        assertThat(ClientHello.parse(Hello.body(Hello.extension(0, list))).serverName())
                .isNull();
    }

    @Test
    void readsTheProtocolsInTheirOrder() {
        assertThat(ClientHello.parse(Hello.body(Hello.alpn("h2", "http/1.1", "\u00ca\u00ca")))
                        .protocols())
                .containsExactly("h2", "http/1.1", "\u00ca\u00ca");
        assertThat(ClientHello.parse(Hello.body(Hello.alpn("h2", ""))).protocols())
                .isEmpty();
        assertThat(ClientHello.parse(Hello.body()).protocols()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0xfe0d, 0xffce})
    void noticesAnEncryptedClientHello(int extension) {
        ByteBuf hello = Hello.body(
                Hello.serverName("public.example"),
                Hello.extension(extension, Unpooled.buffer().writeLong(1)));
        assertThat(ClientHello.parse(hello))
                .usingRecursiveComparison()
                .ignoringFields("keys")
                .isEqualTo(new ClientHello("public.example", List.of(), true));
        assertThat(ClientHello.parse(Hello.body(Hello.serverName("public.example")))
                        .encrypted())
                .isFalse();
    }

    @Test
    void everyPrefixAndEveryDamageIsReadWithoutFailing() {
        ByteBuf hello = Hello.body(Hello.alpn("h2", "http/1.1"), Hello.serverName("api.example.com"));
        for (int length = 0; length < hello.readableBytes(); length++) {
            int cut = length;
            assertThatCode(() -> ClientHello.parse(hello.slice(hello.readerIndex(), cut)))
                    .doesNotThrowAnyException();
        }
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            ByteBuf damaged = hello.copy();
            for (int i = 0; i < 1 + round % 4; i++) {
                damaged.setByte(random.nextInt(damaged.writerIndex()), random.nextInt());
            }
            ClientHello read = ClientHello.parse(damaged);
            assertThat(read.serverName() == null || read.serverName().matches("[a-z0-9._-]+"))
                    .isTrue();
        }
    }

    @Test
    void leavesTheBufferAsItWas() {
        ByteBuf hello = Hello.body(Hello.serverName("api.example.com"));
        int readable = hello.readableBytes();
        ClientHello.parse(hello);
        assertThat(hello.readableBytes()).isEqualTo(readable);
    }
}
