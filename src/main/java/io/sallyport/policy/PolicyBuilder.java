package io.sallyport.policy;

import com.google.re2j.Pattern;
import io.netty.util.AsciiString;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.net.AddressRange;
import io.sallyport.net.AsciiCase;
import io.sallyport.route.PathNormalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes a [Policy] of checked fields.
///
/// For connections whose bytes are relayed, what only requests have cannot hold: a rule of ALLOW with such a condition
/// is left out, so that it allows nothing; of DENY and AUDIT only the condition is, so that it denies more.
public final class PolicyBuilder {
    private final String name;
    private final String source;
    private final Policy.Action action;
    private final boolean dryRun;
    private final @Nullable Authorizer authorizer;
    private final Kind kind;
    private final List<Rule> rules = new ArrayList<>();
    private int index;

    /// What the policy is asked about.
    ///
    /// @param paths makes the paths of requests canonical
    public record Kind(Subject subject, TrustDomains trustDomains, PathNormalizer paths) {}

    public enum Subject {
        REQUESTS,
        /// CONNECT whose bytes are relayed: of the requests within it nobody sees method, path and fields.
        TUNNELS,
        CONNECTIONS
    }

    /// A field and its negation: any of the first, none of the others.
    ///
    /// @param key of the condition where the attribute has a name in it, `request.headers[x]`
    public record Field(Attribute attribute, String key, List<String> any, List<String> none) {
        private String name() {
            return key.isEmpty() ? attribute.key() : key;
        }
    }

    /// @param name `namespace/name`
    /// @param source where it is written
    /// @param authorizer whom CUSTOM asks, unless bytes are relayed and it only judges requests; null for nobody
    public PolicyBuilder(
            String name,
            String source,
            Policy.Action action,
            boolean dryRun,
            @Nullable Authorizer authorizer,
            Kind kind) {
        this.name = name;
        this.source = source;
        this.action = action;
        this.dryRun = dryRun;
        boolean able = authorizer != null && (kind.subject() == Subject.REQUESTS || authorizer.judgesBytes());
        this.authorizer = able ? authorizer : null;
        this.kind = kind;
    }

    /// @param from alternatives, of each of which all fields must hold; empty holds always
    /// @param to as `from`
    /// @param when all must hold
    public void rule(List<List<Field>> from, List<List<Field>> to, List<Field> when) {
        int number = index++;
        boolean unseen = Stream.concat(Stream.concat(from.stream(), to.stream()), Stream.of(when))
                .flatMap(List::stream)
                .anyMatch(this::isUnseen);
        if (action == Policy.Action.ALLOW && unseen) {
            return;
        }
        rules.add(new Rule(name, number, clauses(from), clauses(to), clause(when)));
    }

    public Policy build() {
        return new Policy(name, source, action, dryRun, authorizer, List.copyOf(rules));
    }

    /// Whether nobody sees what the field is about. A condition that is on CONNECT itself can be answered.
    private boolean isUnseen(Field field) {
        return switch (kind.subject()) {
            case REQUESTS -> false;
            case CONNECTIONS -> field.attribute().isHttp();
            case TUNNELS ->
                switch (field.attribute()) {
                    case PATH, REQUEST_HEADER, REQUEST_PRINCIPAL, TOKEN_AUDIENCES, TOKEN_PRESENTER, TOKEN_CLAIM -> true;
                    case METHOD ->
                        Stream.concat(field.any().stream(), field.none().stream())
                                .noneMatch(value -> TextMatch.of(value, false).matches("CONNECT"));
                    default -> false;
                };
        };
    }

    private List<Rule.Clause> clauses(List<List<Field>> alternatives) {
        return alternatives.stream().map(this::clause).toList();
    }

    private Rule.Clause clause(List<Field> fields) {
        List<Condition> conditions = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Field field : fields) {
            if (isUnseen(field)) {
                continue;
            }
            boolean denies = action != Policy.Action.ALLOW;
            if (!field.any().isEmpty()) {
                conditions.add(condition(field, field.any(), denies));
                texts.add(field.name() + " " + field.any());
            }
            if (!field.none().isEmpty()) {
                conditions.add(new Condition.None(condition(field, field.none(), !denies)));
                texts.add("not " + field.name() + " " + field.none());
            }
        }
        return new Rule.Clause(List.copyOf(conditions), List.copyOf(texts));
    }

    /// @param wide see [Condition]
    private Condition condition(Field field, List<String> values, boolean wide) {
        return switch (field.attribute()) {
            case SOURCE_PRINCIPAL ->
                new Condition.Identity(texts(kind.trustDomains().expandPrincipals(values), TextMatch.SPIFFE));
            case SOURCE_NAMESPACE ->
                new Condition.Identity(
                        values.stream().map(PolicyBuilder::namespace).toList());
            case SOURCE_SERVICE_ACCOUNT ->
                new Condition.Identity(values.stream().map(this::serviceAccount).toList());
            case SOURCE_TRUST_DOMAIN ->
                new Condition.Identity(kind.trustDomains().expand(values).stream()
                        .map(PolicyBuilder::trustDomain)
                        .toList());
            case SOURCE_IP -> new Condition.SourceAddress(ranges(values));
            case REMOTE_IP -> new Condition.RemoteAddress(ranges(values));
            case DESTINATION_IP -> new Condition.DestinationAddress(ranges(values));
            case DESTINATION_PORT ->
                new Condition.Port(values.stream().map(Integer::valueOf).toList());
            case CONNECTION_SNI -> new Condition.ServerName(texts(values, ""));
            case REQUEST_HEADER -> new Condition.Header(header(field.key()), texts(values, ""), values.contains("*"));
            case REQUEST_PRINCIPAL ->
                new Condition.TokenPrincipal(
                        values.stream().map(PolicyBuilder::requestPrincipal).toList());
            case TOKEN_AUDIENCES -> new Condition.Claim(List.of("aud"), texts(values, ""));
            case TOKEN_PRESENTER -> new Condition.Claim(List.of("azp"), texts(values, ""));
            case TOKEN_CLAIM -> new Condition.Claim(ClaimPath.ofCondition(field.key()), texts(values, ""));
            case HOST ->
                new Condition.Host(
                        values.stream().map(value -> TextMatch.of(value, true)).toList(), wide);
            case METHOD ->
                new Condition.Method(
                        values.stream().map(value -> TextMatch.of(value, wide)).toList());
            case PATH -> paths(values, wide);
        };
    }

    private static List<TextMatch> texts(List<String> values, String before) {
        return values.stream().map(value -> TextMatch.of(value, before, false)).toList();
    }

    private static List<AddressRange> ranges(List<String> values) {
        return values.stream().map(AddressRange::parse).toList();
    }

    /// `issuer/subject`, divided at the last slash, as an issuer may be a URL. A wildcard is of the side that it is on.
    private static Condition.TokenPrincipal.Value requestPrincipal(String value) {
        TextMatch any = new TextMatch.Present();
        int slash = value.lastIndexOf('/');
        String issuer = slash < 0 ? value : value.substring(0, slash);
        String subject = slash < 0 ? "" : value.substring(slash + 1);
        if (value.equals("*")) {
            return new Condition.TokenPrincipal.Value(any, any);
        }
        if (value.startsWith("*")) {
            return slash < 0
                    ? new Condition.TokenPrincipal.Value(any, TextMatch.of(value, false))
                    : new Condition.TokenPrincipal.Value(
                            TextMatch.of(issuer, false), new TextMatch.Equals(subject, false));
        }
        if (value.endsWith("*")) {
            return slash < 0
                    ? new Condition.TokenPrincipal.Value(TextMatch.of(value, false), any)
                    : new Condition.TokenPrincipal.Value(
                            new TextMatch.Equals(issuer, false), TextMatch.of(subject, false));
        }
        return new Condition.TokenPrincipal.Value(
                new TextMatch.Equals(issuer, false), new TextMatch.Equals(subject, false));
    }

    private static AsciiString header(String key) {
        return AsciiString.of(AsciiCase.lower(key.substring(key.indexOf('[') + 1, key.length() - 1)));
    }

    /// Literals are compared in the form that the paths of requests have; one that no request can have never matches.
    /// Wide, a character that is written as it is and one that is percent-encoded are the same.
    private Condition paths(List<String> values, boolean wide) {
        Set<TextMatch> texts = new LinkedHashSet<>();
        List<PathTemplate> templates = new ArrayList<>();
        for (String value : values) {
            String upperCase = PathReadings.upperCaseEncodings(value);
            if (PathTemplate.is(value)) {
                templates.add(new PathTemplate(upperCase, UnaryOperator.identity()));
                if (wide) {
                    templates.add(new PathTemplate(upperCase, PathReadings::decoded));
                }
                continue;
            }
            TextMatch canonical = canonical(TextMatch.of(upperCase, false));
            if (canonical != null) {
                texts.add(canonical);
            }
            if (wide) {
                for (String spelling : List.of(upperCase, encoded(upperCase))) {
                    TextMatch written = TextMatch.of(spelling, false);
                    TextMatch same = written instanceof TextMatch.Ends suffix ? canonical(suffix) : canonical(written);
                    // Servers may see what is refused in plain, as `/a/;x/`.
                    TextMatch seen = same == null ? written : same;
                    texts.add(seen);
                    texts.add(decoded(seen));
                }
            }
        }
        return new Condition.Path(List.copyOf(texts), List.copyOf(templates), wide);
    }

    /// What no path of a request can hold as it is, but servers see in it.
    private static String encoded(String path) {
        return path.replace("?", "%3F").replace("#", "%23").replace("\\", "%5C");
    }

    private @Nullable TextMatch canonical(TextMatch match) {
        return switch (match) {
            case TextMatch.Equals exact -> canonical(exact);
            case TextMatch.Begins prefix -> canonical(prefix);
            default -> match;
        };
    }

    private TextMatch canonical(TextMatch.Ends suffix) {
        String path = kind.paths().literalSuffix(suffix.value());
        return path == null ? suffix : new TextMatch.Ends("", path, false);
    }

    private static TextMatch decoded(TextMatch match) {
        return switch (match) {
            case TextMatch.Equals exact -> new TextMatch.Equals(PathReadings.decoded(exact.value()), false);
            case TextMatch.Begins prefix -> new TextMatch.Begins(PathReadings.decoded(prefix.value()), false);
            case TextMatch.Ends suffix -> new TextMatch.Ends("", PathReadings.decoded(suffix.value()), false);
            default -> match;
        };
    }

    private @Nullable TextMatch canonical(TextMatch.Equals exact) {
        String path = kind.paths().literal(exact.value());
        return path == null ? null : new TextMatch.Equals(path, false);
    }

    private @Nullable TextMatch canonical(TextMatch.Begins prefix) {
        String path = kind.paths().literalPrefix(prefix.value());
        return path == null ? null : new TextMatch.Begins(path, false);
    }

    /// `/ns/<value>/` anywhere in the identity; `*` is any text, with slashes.
    private static TextMatch namespace(String value) {
        if (value.indexOf('*') < 0) {
            return TextMatch.Namespace.of(value);
        }
        String[] literals = value.split("\\*", -1);
        StringBuilder regex = new StringBuilder(".*/ns/");
        for (int i = 0; i < literals.length; i++) {
            regex.append(i == 0 ? "" : ".*").append(Pattern.quote(literals[i]));
        }
        return new TextMatch.Regex(Pattern.compile(regex.append("/.*").toString()));
    }

    /// `account`, of the policy's own namespace, or `namespace/account`.
    private TextMatch serviceAccount(String value) {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? name.substring(0, name.indexOf('/')) : value.substring(0, slash);
        return TextMatch.ServiceAccount.of(namespace, value.substring(slash + 1));
    }

    private static TextMatch trustDomain(String value) {
        int star = value.indexOf('*');
        if (value.equals("*")) {
            return new TextMatch.Begins(TextMatch.SPIFFE, false);
        }
        if (star < 0) {
            return new TextMatch.Begins(TextMatch.SPIFFE + value + '/', false);
        }
        return new TextMatch.Regex(Pattern.compile(TextMatch.SPIFFE + Pattern.quote(value.substring(0, star)) + "[^/]*"
                + Pattern.quote(value.substring(star + 1)) + "/.*"));
    }
}
