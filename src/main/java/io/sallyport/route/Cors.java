package io.sallyport.route;

import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which scripts of other origins may use what the route leads to (`CorsPolicy`), ready to be written into responses.
///
/// @param origins any of these; none allows no origin
/// @param anyOrigin one of the conditions holds for `*`, which Envoy takes for every origin
/// @param methods of `access-control-allow-methods`; `*` allows the one that is asked for; null leaves the field out
/// @param headers of `access-control-allow-headers`; `*` allows those that are asked for; null leaves the field out
/// @param exposedHeaders of `access-control-expose-headers`; null leaves the upstream's field as it is
/// @param maxAge of `access-control-max-age`, seconds; null leaves the field out
/// @param credentials whether cookies and the like may be sent along
/// @param unmatchedForwarded a preflight of an origin that is not allowed goes upstream; else it is answered here
public record Cors(
        List<StringMatcher> origins,
        boolean anyOrigin,
        @Nullable AsciiString methods,
        @Nullable AsciiString headers,
        @Nullable AsciiString exposedHeaders,
        @Nullable AsciiString maxAge,
        boolean credentials,
        boolean unmatchedForwarded) {
    public Cors {
        origins = List.copyOf(origins);
    }

    public boolean allows(CharSequence origin) {
        if (anyOrigin) {
            return true;
        }
        for (int i = 0; i < origins.size(); i++) {
            if (origins.get(i).matches(origin)) {
                return true;
            }
        }
        return false;
    }
}
