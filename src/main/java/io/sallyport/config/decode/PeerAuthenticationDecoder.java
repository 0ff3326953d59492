package io.sallyport.config.decode;

import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.PeerAuthentication.Mode;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.ObjectReader;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// security/v1beta1/peer_authentication.proto.
final class PeerAuthenticationDecoder {
    private static final int MAX_PORT = 65535;

    private PeerAuthenticationDecoder() {}

    static PeerAuthentication read(ResourceMeta meta, ObjectReader spec) {
        Map<String, String> selector = spec.object("selector", in -> in.textMap("matchLabels"));
        return new PeerAuthentication(
                meta, selector, orUnset(spec.object("mtls", PeerAuthenticationDecoder::mode)), ports(spec));
    }

    private static Mode mode(ObjectReader in) {
        return in.constant("mode", Mode.values());
    }

    private static Mode orUnset(@Nullable Mode mode) {
        return mode == null ? Mode.UNSET : mode;
    }

    private static Map<Integer, Mode> ports(ObjectReader spec) {
        Map<Integer, Mode> ports = new HashMap<>();
        spec.objectMapOrNull("portLevelMtls", PeerAuthenticationDecoder::mode).forEach((key, mode) -> {
            int port = port(key);
            if (port == 0) {
                spec.place()
                        .field("portLevelMtls")
                        .key(key)
                        .report(ProblemCode.BAD_PORT, Quote.of(key) + " is not a port", "1 to 65535");
            } else {
                ports.put(port, mode);
            }
        });
        return ports;
    }

    /// 0 for what is no port.
    private static int port(String key) {
        boolean digits =
                key.length() <= 5 && !key.startsWith("0") && key.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits && !key.isEmpty() ? Integer.parseInt(key) : 0;
        return port > MAX_PORT ? 0 : port;
    }
}
