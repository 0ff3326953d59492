package io.sallyport.http.h1;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Spoils messages by chance, with the words that hurt most.
final class Mangler {
    private static final List<String> WORDS = List.of(
            "\r\n",
            "\n",
            "\r",
            "\r\n\r\n",
            " ",
            "\t",
            ":",
            ": ",
            ",",
            ";",
            "0",
            "5",
            "0\r\n\r\n",
            "5\r\nhello\r\n",
            "\u0000",
            "\u007f",
            "\u00ff",
            "_",
            "\"",
            "Content-Length: 5\r\n",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Host: b\r\n",
            "Connection: close\r\n",
            "Connection: host, x\r\n",
            "Expect: 100-continue\r\n",
            "Upgrade: websocket\r\nConnection: upgrade\r\n",
            " HTTP/1.0",
            " HTTP/1.1",
            "HTTP/1.2",
            "GET ",
            "POST ",
            "CONNECT a:1 ",
            "OPTIONS * ",
            "http://a/",
            "https://a/",
            "Proxy-Authorization: Basic eA==\r\n",
            "//",
            "#",
            "X: y\r\n",
            " fold\r\n",
            "HTTP/1.1 100 \r\n\r\n",
            "HTTP/1.1 304 \r\n",
            "HTTP/1.0 200 \r\n",
            "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

    private final List<byte[]> seeds;
    private final Random random;

    Mangler(List<String> seeds, Random random) {
        this.seeds = seeds.stream()
                .map(seed -> seed.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        this.random = random;
    }

    /// One or two of the seeds, in bad shape.
    byte[] next() {
        byte[] bytes = seeds.get(random.nextInt(seeds.size()));
        if (random.nextInt(4) == 0) {
            bytes = splice(bytes, bytes.length, bytes.length, seeds.get(random.nextInt(seeds.size())));
        }
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            bytes = mangle(bytes);
        }
        return bytes;
    }

    private byte[] mangle(byte[] bytes) {
        int from = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, from + random.nextInt(16));
        byte[] word = WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.ISO_8859_1);
        return switch (random.nextInt(5)) {
            case 0 -> splice(bytes, from, to, new byte[0]);
            case 1 -> splice(bytes, from, from, word);
            case 2 -> splice(bytes, from, to, word);
            case 3 -> splice(bytes, from, from, Arrays.copyOfRange(bytes, from, to));
            default -> splice(bytes, from, from + 1, new byte[] {(byte) random.nextInt(256)});
        };
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] by) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(by);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
