package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.sallyport.jwt.Claims;
import io.sallyport.net.AddressRange;
import io.sallyport.net.AsciiCase;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One field of a policy's rule: any of its values.
///
/// Where a value can be read in several ways (paths, hosts, methods), `wide` asks for any of them and otherwise for
/// all: what denies is wide, what allows is not.
sealed interface Condition {
    String NO_TOKEN = "there is no verified token";

    boolean matches(PolicyRequest request);

    /// Whether the fields of a request decide: its own, or the one that holds its client's address.
    default boolean readsFields() {
        return false;
    }

    /// For each of the values, the keys that every request has which meets it; there may be none.
    default List<List<Place.Key>> keys() {
        return List.of(List.of());
    }

    /// What the request has in the place that the condition is about, for explanations.
    String actual(PolicyRequest request);

    /// None of the values: the negated fields, `notX` and `notValues`. An attribute that is absent meets them.
    record None(Condition of) implements Condition {
        @Override
        public boolean readsFields() {
            return of.readsFields();
        }

        @Override
        public String actual(PolicyRequest request) {
            return of.actual(request);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return !of.matches(request);
        }
    }

    /// `principals`, `namespaces`, `serviceAccounts`, `trustDomains`: any name of the verified certificate.
    record Identity(List<TextMatch> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return request.caller().names().isEmpty()
                    ? "the client has no verified certificate"
                    : "the client is " + String.join(", ", request.caller().names());
        }

        @Override
        public List<List<Place.Key>> keys() {
            return values.stream().map(Place.Identity::keys).toList();
        }

        @Override
        public boolean matches(PolicyRequest request) {
            List<String> names = request.caller().names();
            for (int i = 0; i < names.size(); i++) {
                if (any(values, names.get(i))) {
                    return true;
                }
            }
            return false;
        }
    }

    /// `ipBlocks`: the connection's other end.
    record SourceAddress(List<AddressRange> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the peer is " + address(request.caller().peer());
        }

        @Override
        public List<List<Place.Key>> keys() {
            return addresses(Place.Address.PEER, values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return within(values, request.caller().peer());
        }
    }

    /// `remoteIpBlocks`: the client.
    record RemoteAddress(List<AddressRange> values) implements Condition {
        @Override
        public boolean readsFields() {
            return true;
        }

        @Override
        public String actual(PolicyRequest request) {
            return "the client's address is " + address(request.remote());
        }

        @Override
        public List<List<Place.Key>> keys() {
            return addresses(Place.Address.REMOTE, values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return within(values, request.remote());
        }
    }

    /// `destination.ip`.
    record DestinationAddress(List<AddressRange> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the address is " + address(request.caller().local());
        }

        @Override
        public List<List<Place.Key>> keys() {
            return addresses(Place.Address.LOCAL, values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return within(values, request.caller().local());
        }
    }

    /// `ports`, `destination.port`.
    record Port(List<Integer> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the port is " + request.policyPort();
        }

        @Override
        public List<List<Place.Key>> keys() {
            return values.stream()
                    .map(port -> List.of(Place.Port.BOUND.key(port)))
                    .toList();
        }

        @Override
        public boolean matches(PolicyRequest request) {
            int port = request.policyPort();
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i) == port) {
                    return true;
                }
            }
            return false;
        }
    }

    /// `connection.sni`.
    record ServerName(List<TextMatch> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return request.caller().sni().isEmpty()
                    ? "there is no server name"
                    : "the server name is " + request.caller().sni();
        }

        @Override
        public List<List<Place.Key>> keys() {
            return texts(Place.Text.SERVER_NAME, values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return any(values, request.caller().sni());
        }
    }

    /// `methods`. Wide, their case means nothing: servers may take `post` for POST.
    record Method(List<TextMatch> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the method is " + request.method();
        }

        @Override
        public boolean matches(PolicyRequest request) {
            return any(values, request.method());
        }
    }

    /// `request.headers[x]`; `*` is presence, of an empty value, too.
    ///
    /// @param present one of the values is `*`
    record Header(AsciiString name, List<TextMatch> values, boolean present) implements Condition {
        @Override
        public boolean readsFields() {
            return true;
        }

        @Override
        public String actual(PolicyRequest request) {
            return request.header(name) == null ? "there is no " + name : name + " is " + request.header(name);
        }

        @Override
        public List<List<Place.Key>> keys() {
            return texts(new Place.Header(name), values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            CharSequence value = request.header(name);
            return value != null && (present || any(values, value));
        }
    }

    /// `requestPrincipals`: issuer and subject of the token.
    record TokenPrincipal(List<Value> values) implements Condition {
        record Value(TextMatch issuer, TextMatch subject) {
            private List<Place.Key> keys() {
                return Stream.of(text(Place.Text.SUBJECT, subject), text(Place.Text.ISSUER, issuer))
                        .flatMap(List::stream)
                        .toList();
            }
        }

        @Override
        public String actual(PolicyRequest request) {
            Claims claims = request.claims();
            return claims.isEmpty()
                    ? NO_TOKEN
                    : "the token is of " + claims.text("iss") + '/'
                            + Objects.requireNonNullElse(claims.text("sub"), "");
        }

        @Override
        public List<List<Place.Key>> keys() {
            return values.stream().map(Value::keys).toList();
        }

        @Override
        public boolean matches(PolicyRequest request) {
            String issuer = request.claims().text("iss");
            String subject = request.claims().text("sub");
            if (issuer == null || subject == null) {
                return false;
            }
            for (Value value : values) {
                if (value.issuer.matches(issuer) && value.subject.matches(subject)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// `request.auth.claims[x]`, `request.auth.audiences`, `request.auth.presenter`: any text at the path.
    record Claim(List<String> path, List<TextMatch> values) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            List<String> texts = request.claims().texts(path);
            if (request.claims().isEmpty()) {
                return NO_TOKEN;
            }
            return texts.isEmpty() ? "the token has no such text" : "the token has " + String.join(", ", texts);
        }

        @Override
        public List<List<Place.Key>> keys() {
            return texts(new Place.Claim(path), values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            for (String text : request.claims().texts(path)) {
                if (any(values, text)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// `hosts`. Wide, a host is compared as the client sent it, and with and without a port: else `a.com.` or
    /// `a.com:8080` would escape what denies `a.com`, and `a.com` what denies `a.com:8080` on that port.
    record Host(List<TextMatch> values, boolean wide) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the host is " + request.sentAuthority();
        }

        @Override
        public List<List<Place.Key>> keys() {
            return texts(Place.Host.AUTHORITY, values);
        }

        @Override
        public boolean matches(PolicyRequest request) {
            if (any(values, request.sentAuthority())) {
                return true;
            }
            if (!wide) {
                return false;
            }
            String host = request.host();
            return any(values, host)
                    || any(values, host + ':' + request.port())
                    || any(values, namedPort(request, host));
        }

        /// The host with the port that the client named, without a trailing dot between them.
        private static String namedPort(PolicyRequest request, String host) {
            String sent = request.sentAuthority();
            int colon = sent.lastIndexOf(':');
            return colon > sent.lastIndexOf(']') ? host + AsciiCase.lower(sent.substring(colon)) : host;
        }
    }

    /// `paths`.
    record Path(List<TextMatch> values, List<PathTemplate> templates, boolean wide) implements Condition {
        @Override
        public String actual(PolicyRequest request) {
            return "the path is " + request.path();
        }

        @Override
        public boolean matches(PolicyRequest request) {
            String path = request.path();
            if (PathReadings.isPlain(path)) {
                return matches(path);
            }
            for (String reading : request.pathReadings()) {
                if (matches(reading) == wide) {
                    return wide;
                }
            }
            return !wide;
        }

        private boolean matches(String path) {
            if (any(values, path)) {
                return true;
            }
            for (int i = 0; i < templates.size(); i++) {
                if (templates.get(i).matches(path)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static List<List<Place.Key>> addresses(Place.Address place, List<AddressRange> ranges) {
        return ranges.stream().map(range -> List.of(place.key(range))).toList();
    }

    private static List<List<Place.Key>> texts(Place place, List<TextMatch> values) {
        return values.stream().map(value -> text(place, value)).toList();
    }

    private static List<Place.Key> text(Place place, TextMatch value) {
        return value instanceof TextMatch.Equals exact ? List.of(place.key(exact.value())) : List.of();
    }

    private static String address(@Nullable InetSocketAddress address) {
        return address == null ? "unknown" : address.getHostString();
    }

    private static boolean any(List<TextMatch> values, CharSequence text) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).matches(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean within(List<AddressRange> ranges, @Nullable InetSocketAddress address) {
        if (address == null) {
            return false;
        }
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }
}
