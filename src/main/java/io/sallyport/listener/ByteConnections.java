package io.sallyport.listener;
import io.sallyport.snapshot.FilterChain;
import org.jspecify.annotations.Nullable;
final class ByteConnections {
    static void install(Downstream d, FilterChain c, int port, @Nullable String sni, @Nullable String principal) { throw new IllegalStateException(); }
}
