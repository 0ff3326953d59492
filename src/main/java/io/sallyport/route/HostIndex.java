package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import io.sallyport.net.Ipv6Literal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values by domain: an exact name wins over the longest wildcard, a wildcard over `*`. `*.foo.com` holds for
/// `a.foo.com` and `a.b.foo.com`, not for `foo.com` (Istio and Envoy agree on all of this). Built once, read only;
/// a look-up allocates nothing and takes time linear in the host's length, however many domains there are.
public final class HostIndex<T> {
    private final StringTable<T> exact;
    /// By the domain without its `*`: `.foo.com`.
    private final StringTable<T> wildcards;

    private final @Nullable T any;

    private HostIndex(StringTable<T> exact, StringTable<T> wildcards, @Nullable T any) {
        this.exact = exact;
        this.wildcards = wildcards;
        this.any = any;
    }

    /// Whether a single domain holds for the host, both in lower case.
    public static boolean holds(String domain, String host) {
        return domain.equals(host)
                || domain.equals("*")
                || (domain.startsWith("*.") && host.length() >= domain.length() && host.endsWith(domain.substring(1)));
    }

    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /// The value of the most specific domain that holds for the host, or null.
    ///
    /// @param host as [io.sallyport.net.HostName#host()] gives it
    public @Nullable T lookup(String host) {
        T found = exact.get(host);
        if (found == null && !wildcards.isEmpty()) {
            found = longestWildcard(host);
        }
        return found != null ? found : any;
    }

    /// Whether it has a `*` at most where one may stand: alone, or before a leading dot.
    public static boolean isDomain(String text) {
        boolean wildcard = text.startsWith("*.") && text.length() > 2;
        return text.equals("*") || (!text.isEmpty() && text.indexOf('*', wildcard ? 1 : 0) < 0);
    }

    /// Whether a domain is written as the index has it: no other one stands for the same.
    public static boolean isCanonical(String domain) {
        return Builder.canonical(AsciiCase.lower(domain)).equals(domain);
    }

    /// An index with other values for some domains.
    ///
    /// @param changes by domains as [#isCanonical] wants them; null for one that is to go
    public HostIndex<T> changed(Map<String, @Nullable T> changes) {
        Map<String, @Nullable T> names = new HashMap<>();
        Map<String, @Nullable T> below = new HashMap<>();
        T other = any;
        for (Map.Entry<String, @Nullable T> change : changes.entrySet()) {
            String domain = change.getKey();
            if (domain.equals("*")) {
                other = change.getValue();
            } else if (domain.startsWith("*")) {
                below.put(domain.substring(1), change.getValue());
            } else {
                names.put(domain, change.getValue());
            }
        }
        return new HostIndex<>(exact.changed(names), wildcards.changed(below), other);
    }

    /// The values of all domains, in no order, to be shown.
    public List<T> values() {
        List<T> values = exact.values();
        values.addAll(wildcards.values());
        if (any != null) {
            values.add(any);
        }
        return values;
    }

    /// Every domain of this index that holds for the host, most specific first.
    public List<String> candidates(String host) {
        List<String> domains = new ArrayList<>();
        if (exact.get(host) != null) {
            domains.add(host);
        }
        for (int dot = host.indexOf('.', 1); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            if (wildcards.getTail(host, dot, host.substring(dot).hashCode()) != null) {
                domains.add("*" + host.substring(dot));
            }
        }
        if (any != null) {
            domains.add("*");
        }
        return domains;
    }

    /// Walks from the last character to the first. [String#hashCode] is a polynomial, so the hash of each tail
    /// follows from that of the one before.
    private @Nullable T longestWildcard(String host) {
        T longest = null;
        int hash = 0;
        int power = 1;
        for (int i = host.length() - 1; i > 0; i--) {
            char c = host.charAt(i);
            hash += c * power;
            power *= 31;
            if (c == '.') {
                T found = wildcards.getTail(host, i, hash);
                longest = found != null ? found : longest;
            }
        }
        return longest;
    }

    /// Collects domains. Not thread-safe.
    public static final class Builder<T> {
        private final Map<String, T> exact = new HashMap<>();
        private final Map<String, T> wildcards = new HashMap<>();
        private @Nullable T any;

        private Builder() {}

        /// Adds a domain unless it is there.
        ///
        /// @param domain `foo.com`, `*.foo.com` or `*`, in any case; or an address, an IPv6 one with or without
        /// brackets
        /// @return the value that the domain already has, or null where it was added
        /// @throws IllegalArgumentException where a `*` stands elsewhere than alone or before a leading dot
        public @Nullable T add(String domain, T value) {
            String name = canonical(AsciiCase.lower(domain));
            if (name.equals("*")) {
                T before = any;
                any = before == null ? value : before;
                return before;
            }
            if (!isDomain(name)) {
                throw new IllegalArgumentException("not a domain: " + domain);
            }
            return name.startsWith("*")
                    ? wildcards.putIfAbsent(name.substring(1), value)
                    : exact.putIfAbsent(name, value);
        }

        /// An IPv6 address in the one spelling that [io.sallyport.net.HostName#host()] has for it.
        private static String canonical(String name) {
            boolean bracketed = name.startsWith("[") && name.endsWith("]");
            String address = Ipv6Literal.canonical(bracketed ? name.substring(1, name.length() - 1) : name);
            return address == null ? name : address;
        }

        public HostIndex<T> build() {
            return new HostIndex<>(StringTable.of(exact, false), StringTable.of(wildcards, false), any);
        }
    }
}
