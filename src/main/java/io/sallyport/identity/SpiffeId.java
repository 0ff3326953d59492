package io.sallyport.identity;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A SPIFFE identity, `spiffe://<trust domain>/<path>` (SPIFFE-ID specification, sections 2.1 to 2.3).
///
/// @param trustDomain lower-case letters, digits, `.`, `-` and `_`; at most 255 of them
/// @param path empty, or `/` and segments; a workload's identity has one
public record SpiffeId(String trustDomain, String path) {
    private static final String SCHEME = "spiffe://";
    private static final int MAX_LENGTH = 2048;
    private static final int MAX_TRUST_DOMAIN = 255;
    private static final int MAX_SHOWN = 200;

    /// The identity that `uri` spells, or null where it spells none.
    public static @Nullable SpiffeId parse(String uri) {
        if (uri.length() > MAX_LENGTH || !uri.startsWith(SCHEME)) {
            return null;
        }
        int slash = uri.indexOf('/', SCHEME.length());
        int end = slash < 0 ? uri.length() : slash;
        String path = uri.substring(end);
        return isTrustDomain(uri, SCHEME.length(), end) && isPath(path)
                ? new SpiffeId(uri.substring(SCHEME.length(), end), path)
                : null;
    }

    /// A text that somebody gave as an identity, as messages show it: as it is where it is one, else without what could
    /// break a line.
    public static String shown(String given) {
        String text = given.length() > MAX_SHOWN ? given.substring(0, MAX_SHOWN) + "…" : given;
        return parse(given) == null ? '"' + text.replaceAll("\\p{Cntrl}", "?") + '"' : given;
    }

    /// Whether `name` can be a trust domain.
    public static boolean isTrustDomain(String name) {
        return isTrustDomain(name, 0, name.length());
    }

    /// Whether there is at least one, and each can be a trust domain.
    public static boolean areTrustDomains(List<String> names) {
        return !names.isEmpty() && names.stream().allMatch(SpiffeId::isTrustDomain);
    }

    private static boolean isTrustDomain(String text, int from, int to) {
        if (from == to || to - from > MAX_TRUST_DOMAIN) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (!isCommon(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPath(String path) {
        int start = 1;
        for (int i = 1; i <= path.length() && !path.isEmpty(); i++) {
            if (i < path.length() && path.charAt(i) != '/') {
                char c = path.charAt(i);
                if (!isCommon(c) && (c < 'A' || c > 'Z')) {
                    return false;
                }
                continue;
            }
            String segment = path.substring(start, i);
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return false;
            }
            start = i + 1;
        }
        return true;
    }

    private static boolean isCommon(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }

    /// The part that Istio's policies call a principal: `<trust domain>/<path>`, without the scheme.
    public String principal() {
        return trustDomain + path;
    }

    /// The namespace of Istio's form `/ns/<namespace>/sa/<service account>`, or null for any other.
    public @Nullable String namespace() {
        return istioPart(2);
    }

    /// The service account of Istio's form, or null.
    public @Nullable String serviceAccount() {
        return istioPart(4);
    }

    /// Whether it is of Istio's form, and names this service account.
    ///
    /// @param account `<namespace>/<service account>`
    public boolean runsAs(String account) {
        String namespace = namespace();
        return namespace != null && account.equals(namespace + '/' + serviceAccount());
    }

    private @Nullable String istioPart(int index) {
        String[] parts = path.split("/", -1);
        return parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa") ? parts[index] : null;
    }

    @Override
    public String toString() {
        return SCHEME + trustDomain + path;
    }
}
