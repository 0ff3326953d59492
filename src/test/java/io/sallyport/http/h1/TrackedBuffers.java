package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;

/// Every buffer of a test comes from one allocator that counts its bytes, so that a leak is seen where it happens.
final class TrackedBuffers {
    static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false);

    private final long before = used();

    static ByteBuf of(byte[] bytes) {
        return ALLOCATOR.buffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }

    static ByteBuf of(String text) {
        return of(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Fails if more is in use than when this was made.
    void check() {
        assertThat(used()).as("bytes in buffers that nobody released").isLessThanOrEqualTo(before);
    }

    private static long used() {
        return ALLOCATOR.metric().usedHeapMemory() + ALLOCATOR.metric().usedDirectMemory();
    }
}
