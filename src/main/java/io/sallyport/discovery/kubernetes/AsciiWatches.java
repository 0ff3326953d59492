package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Makes events of watches ASCII where they come as lines of plain HTTP, to which the client turns for good where the
/// handshake of a WebSocket fails: it decodes each buffer by itself (`WatchHTTPManager`), and so breaks characters that
/// lie in two, and puts NUL behind those of several bytes. JSON can say any character by its number.
final class AsciiWatches implements Interceptor {
    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        String query = request.uri().getQuery();
        if (query == null || !query.contains("watch=true")) {
            return consumer;
        }
        Escapes escapes = new Escapes();
        return (buffers, body) ->
                consumer.consume(buffers.stream().map(escapes::ascii).toList(), body);
    }

    /// Of one response, in its order.
    static final class Escapes {
        private static final int LONGEST_CHARACTER = 4;

        private final CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        /// The beginning of a character whose end has not come yet.
        private byte[] begun = {};

        ByteBuffer ascii(ByteBuffer buffer) {
            if (begun.length == 0 && isAscii(buffer)) {
                return buffer;
            }
            ByteBuffer bytes = ByteBuffer.allocate(begun.length + buffer.remaining())
                    .put(begun)
                    .put(buffer)
                    .flip();
            CharBuffer chars = CharBuffer.allocate(bytes.remaining());
            decoder.decode(bytes, chars, false);
            begun = new byte[Math.min(bytes.remaining(), LONGEST_CHARACTER)];
            bytes.get(begun);
            StringBuilder text = new StringBuilder(chars.position());
            chars.flip().chars().forEach(each -> append(text, (char) each));
            return StandardCharsets.US_ASCII.encode(CharBuffer.wrap(text));
        }

        private static boolean isAscii(ByteBuffer buffer) {
            for (int i = buffer.position(); i < buffer.limit(); i++) {
                if (buffer.get(i) < 0) {
                    return false;
                }
            }
            return true;
        }

        private static void append(StringBuilder text, char character) {
            if (character < 0x80) {
                text.append(character);
            } else {
                text.append("\\u").append(Integer.toHexString(0x10000 | character), 1, 5);
            }
        }
    }
}
