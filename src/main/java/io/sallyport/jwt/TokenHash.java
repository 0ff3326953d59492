package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// SHA-256 of a token: what it is remembered by, so that no memory that outlives its connection holds what could be
/// sent again.
record TokenHash(long first, long second, long third, long fourth) {
    /// Looking for the algorithm takes as long as hashing a token by it.
    private static final FastThreadLocal<MessageDigest> DIGEST = new FastThreadLocal<>() {
        @Override
        protected MessageDigest initialValue() throws NoSuchAlgorithmException {
            return MessageDigest.getInstance("SHA-256");
        }
    };

    static TokenHash of(AsciiString compact) {
        MessageDigest digest = DIGEST.get();
        digest.update(compact.array(), compact.arrayOffset(), compact.length());
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new TokenHash(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }
}
