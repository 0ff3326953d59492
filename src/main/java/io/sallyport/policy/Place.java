package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.sallyport.net.AddressRange;
import io.sallyport.net.AsciiCase;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Where a request, or the client that sends it, has values that conditions name.
///
/// A value is looked up by a hash that equal values have in common. Other values may have it, too, and a place may know
/// no more than a part of what a condition names: a rule that is found has yet to be asked whether it matches.
sealed interface Place {
    /// The number of the first rule that matches among those that name a value which the request has here.
    ///
    /// @param before the result where none before this one does
    int first(PolicyRequest request, int before, Values values);

    /// The key of a text that is compared as it is, by the hash that strings remember.
    default Key key(String value) {
        return new Key(this, 0, value.hashCode());
    }

    /// A value in a place.
    ///
    /// @param bits the length of an address range's prefix; 0 for all else
    record Key(Place place, int bits, long hash) {}

    /// The rules that name values in one place.
    interface Values {
        /// The number of the first rule that names the value and matches.
        ///
        /// @param before the result where none before this one does
        int first(long hash, int before, PolicyRequest request);

        /// The lengths of address ranges' prefixes, each once.
        int[] bits();
    }

    /// A name of the client's certificate, or the part of it behind a label.
    enum Identity implements Place {
        NAME(""),
        TRUST_DOMAIN("spiffe://"),
        NAMESPACE("/ns/"),
        SERVICE_ACCOUNT("/sa/");

        private final String label;

        Identity(String label) {
            this.label = label;
        }

        /// The keys that every name has which meets the value.
        static List<Key> keys(TextMatch value) {
            return switch (value) {
                case TextMatch.Equals name -> List.of(NAME.key(name.value()));
                case TextMatch.Begins name -> parts(name.value(), false);
                case TextMatch.Ends name -> parts(name.value(), true);
                case TextMatch.Namespace name -> parts(name.part(), false);
                case TextMatch.ServiceAccount name -> {
                    List<Key> keys = new ArrayList<>(parts(name.namespace().part(), false));
                    keys.addAll(parts('/' + name.part(), true));
                    yield keys;
                }
                case TextMatch.Present _, TextMatch.Regex _ -> List.of();
            };
        }

        /// @param whole whether a name that has the text ends with it, or goes on with a slash
        private static List<Key> parts(String text, boolean whole) {
            List<Key> keys = new ArrayList<>();
            for (Identity place : List.of(TRUST_DOMAIN, NAMESPACE, SERVICE_ACCOUNT)) {
                int label = text.indexOf(place.label);
                int from = label + place.label.length();
                int end = label < 0 ? -1 : text.indexOf('/', from);
                if (end >= 0) {
                    keys.add(place.key(text.substring(from, end)));
                } else if (label >= 0 && whole) {
                    keys.add(place.key(text.substring(from)));
                }
            }
            return keys;
        }

        @Override
        public int first(PolicyRequest request, int before, Values values) {
            List<String> names = request.caller().names();
            int first = before;
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                first = this == NAME
                        ? values.first(name.hashCode(), first, request)
                        : firstPart(name, request, first, values);
            }
            return first;
        }

        private int firstPart(String name, PolicyRequest request, int before, Values values) {
            int first = before;
            for (int at = name.indexOf(label); at >= 0; at = name.indexOf(label, at + 1)) {
                int from = at + label.length();
                int slash = name.indexOf('/', from);
                first = values.first(hash(name, from, slash < 0 ? name.length() : slash, false), first, request);
            }
            return first;
        }

        @Override
        public Key key(String value) {
            return this == NAME ? Place.super.key(value) : new Key(this, 0, hash(value, 0, value.length(), false));
        }
    }

    /// An address, by the ranges that it is within.
    enum Address implements Place {
        PEER,
        REMOTE,
        LOCAL;

        Key key(AddressRange range) {
            return new Key(this, range.prefix(), hash(range.first(), range.prefix()));
        }

        @Override
        public int first(PolicyRequest request, int before, Values values) {
            InetSocketAddress socket =
                    switch (this) {
                        case PEER -> request.caller().peer();
                        case REMOTE -> request.remote();
                        case LOCAL -> request.caller().local();
                    };
            InetAddress address = socket == null ? null : socket.getAddress();
            int first = before;
            if (address != null) {
                int[] bits = values.bits();
                for (int i = 0; i < bits.length; i++) {
                    first = values.first(hash(address, bits[i]), first, request);
                }
            }
            return first;
        }
    }

    /// A port's number.
    enum Port implements Place {
        BOUND;

        Key key(int port) {
            return new Key(this, 0, mixed(port));
        }

        @Override
        public int first(PolicyRequest request, int before, Values values) {
            return values.first(mixed(request.policyPort()), before, request);
        }
    }

    /// The host, whatever its port.
    enum Host implements Place {
        AUTHORITY;

        @Override
        public Key key(String value) {
            return new Key(this, 0, hashWithoutPort(value));
        }

        /// As the client sent it and in its canonical form, which is another where the former ends with a dot.
        @Override
        public int first(PolicyRequest request, int before, Values values) {
            long sent = hashWithoutPort(request.sentAuthority());
            long canonical = hashWithoutPort(request.host());
            int first = values.first(sent, before, request);
            return sent == canonical ? first : values.first(canonical, first, request);
        }

        private static long hashWithoutPort(String authority) {
            int colon = authority.lastIndexOf(':');
            int end = colon > authority.lastIndexOf(']') ? colon : authority.length();
            return hash(authority, 0, end, true);
        }
    }

    /// A text of which there is one at most.
    enum Text implements Place {
        SERVER_NAME,
        /// Of the verified token, as the next.
        ISSUER,
        SUBJECT;

        @Override
        public int first(PolicyRequest request, int before, Values values) {
            String text =
                    switch (this) {
                        case SERVER_NAME -> request.caller().sni();
                        case ISSUER -> request.claims().text("iss");
                        case SUBJECT -> request.claims().text("sub");
                    };
            return text == null ? before : values.first(text.hashCode(), before, request);
        }
    }

    /// A header field.
    record Header(AsciiString name) implements Place {
        @Override
        public Key key(String value) {
            return new Key(this, 0, hash(value, 0, value.length(), false));
        }

        @Override
        public int first(PolicyRequest request, int before, Values values) {
            CharSequence value = request.header(name);
            return value == null ? before : values.first(hash(value, 0, value.length(), false), before, request);
        }
    }

    /// The texts of a claim.
    record Claim(List<String> path) implements Place {
        @Override
        public int first(PolicyRequest request, int before, Values values) {
            List<String> texts = request.claims().texts(path);
            int first = before;
            for (int i = 0; i < texts.size(); i++) {
                first = values.first(texts.get(i).hashCode(), first, request);
            }
            return first;
        }
    }

    /// FNV-1a of the length and the first characters: a client's long text costs no more than a short one.
    private static long hash(CharSequence text, int from, int to, boolean fold) {
        int end = Math.min(to, from + 256);
        long hash = 0xcbf29ce484222325L ^ (to - from);
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            hash = (hash ^ (fold ? AsciiCase.lower(c) : c)) * 0x100000001b3L;
        }
        return hash;
    }

    /// Of the first bits of an address.
    private static long hash(InetAddress address, int bits) {
        if (address instanceof Inet4Address four) {
            return mixed(mixed(bits) ^ (long) NetUtil.ipv4AddressToInt(four) << Integer.SIZE & mask(bits));
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        long high = mixed(mixed(bits) ^ bytes.getLong() & mask(bits));
        return mixed(high ^ bytes.getLong() & mask(bits - Long.SIZE));
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - bits);
    }

    /// Numbers that differ in a few bits, wherever, get hashes that differ in many (the finalizer of MurmurHash3).
    private static long mixed(long number) {
        long mixed = (number ^ number >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
