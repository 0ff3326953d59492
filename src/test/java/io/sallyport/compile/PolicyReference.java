package io.sallyport.compile;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What AuthorizationPolicies mean, written once more, naively and without the product's classes, from Istio's
/// documentation: regular expressions, sets of readings, no tables. The other half of [PolicyAgreementTest].
///
/// Claims are texts, lists of texts and others of their kind.
///
/// @param domains the own trust domain and its aliases
record PolicyReference(List<AuthorizationPolicy> policies, boolean http, List<String> domains) {
    /// What is asked.
    ///
    /// @param names of the verified certificate; empty for none
    record Asked(
            List<String> names,
            String peer,
            String remote,
            String local,
            int port,
            String sni,
            String method,
            String path,
            String authority,
            Map<String, String> headers,
            Map<String, Object> claims) {}

    /// The rule that denies, `namespace/name[index]`; `none` where none allows; null where it is allowed.
    @Nullable
    String denial(Asked asked) {
        List<AuthorizationPolicy> sorted = policies.stream()
                .filter(policy -> !policy.isDryRun())
                .sorted(Comparator.comparing(policy -> policy.meta().qualifiedName()))
                .toList();
        for (AuthorizationPolicy policy : sorted) {
            for (int i = 0; policy.action() == Action.DENY && i < policy.rules().size(); i++) {
                if (matches(policy, policy.rules().get(i), asked)) {
                    return policy.meta().qualifiedName() + "[" + i + "]";
                }
            }
        }
        List<AuthorizationPolicy> allowing = sorted.stream()
                .filter(policy -> policy.action() == Action.ALLOW)
                .toList();
        boolean allowed = allowing.isEmpty()
                || allowing.stream()
                        .anyMatch(policy -> policy.rules().stream().anyMatch(rule -> matches(policy, rule, asked)));
        return allowed ? null : "none";
    }

    private boolean matches(AuthorizationPolicy policy, Rule rule, Asked asked) {
        if (!http && policy.action() == Action.ALLOW && needsRequests(rule)) {
            return false;
        }
        boolean from =
                rule.from().isEmpty() || rule.from().stream().anyMatch(source -> matchesSource(policy, source, asked));
        boolean to = rule.to().isEmpty()
                || rule.to().stream().anyMatch(operation -> matchesOperation(policy, operation, asked));
        return from && to && rule.when().stream().allMatch(condition -> matchesCondition(policy, condition, asked));
    }

    private static boolean needsRequests(Rule rule) {
        return rule.to().stream()
                        .anyMatch(to -> !to.hosts().isEmpty()
                                || !to.methods().isEmpty()
                                || !to.paths().isEmpty())
                || rule.from().stream()
                        .anyMatch(from -> !from.requestPrincipals().isEmpty())
                || rule.when().stream().anyMatch(when -> when.key().startsWith("request."));
    }

    private boolean matchesSource(AuthorizationPolicy policy, Source source, Asked asked) {
        return values(source.principals(), value -> principal(value, asked))
                && (!http || values(source.requestPrincipals(), value -> requestPrincipal(value, asked)))
                && values(source.namespaces(), value -> namespace(value, asked))
                && values(source.serviceAccounts(), value -> account(policy, value, asked))
                && values(source.trustDomains(), value -> trustDomain(value, asked))
                && values(source.ipBlocks(), value -> within(value, asked.peer()))
                && values(source.remoteIpBlocks(), value -> within(value, asked.remote()));
    }

    private boolean matchesOperation(AuthorizationPolicy policy, Operation operation, Asked asked) {
        boolean denies = policy.action() != Action.ALLOW;
        return values(operation.ports(), value -> Integer.parseInt(value) == asked.port())
                && (!http || methods(operation.methods(), asked.method(), denies))
                && (!http || readings(operation.paths(), paths(asked.path()), denies, PolicyReference::path))
                && (!http || hosts(operation.hosts(), asked, denies));
    }

    private boolean matchesCondition(AuthorizationPolicy policy, Condition condition, Asked asked) {
        Values values = condition.values();
        return switch (condition.key()) {
            case "source.principal" -> values(values, value -> principal(value, asked));
            case "source.namespace" -> values(values, value -> namespace(value, asked));
            case "source.serviceAccount" -> values(values, value -> account(policy, value, asked));
            case "source.trustDomain" -> values(values, value -> trustDomain(value, asked));
            case "source.ip" -> values(values, value -> within(value, asked.peer()));
            case "remote.ip" -> values(values, value -> within(value, asked.remote()));
            case "destination.ip" -> values(values, value -> within(value, asked.local()));
            case "destination.port" -> values(values, value -> Integer.parseInt(value) == asked.port());
            case "connection.sni" -> values(values, value -> glob(value, asked.sni()));
            case "request.auth.principal" -> !http || values(values, value -> requestPrincipal(value, asked));
            case "request.auth.audiences" -> !http || values(values, value -> claim(asked, "aud", value));
            case "request.auth.presenter" -> !http || values(values, value -> claim(asked, "azp", value));
            case "request.auth.claims[groups]" -> !http || values(values, value -> claim(asked, "groups", value));
            case "request.auth.claims[org][unit]" -> !http || values(values, value -> claim(asked, "org/unit", value));
            default -> {
                String name = condition
                        .key()
                        .substring("request.headers[".length(), condition.key().length() - 1);
                String header = asked.headers().get(name.toLowerCase(java.util.Locale.ROOT));
                yield !http || values(values, value -> header != null && (value.equals("*") || glob(value, header)));
            }
        };
    }

    /// A star at one end of the whole is a star of the issuer, or of the subject.
    private static boolean requestPrincipal(String value, Asked asked) {
        if (!(asked.claims().get("iss") instanceof String issuer)
                || !(asked.claims().get("sub") instanceof String subject)) {
            return false;
        }
        Matcher parts = Pattern.compile("(.*)/([^/]*)").matcher(value);
        boolean divided = parts.matches();
        if (value.equals("*")) {
            return !issuer.isEmpty() && !subject.isEmpty();
        } else if (value.startsWith("*") && divided) {
            return glob(parts.group(1), issuer) && subject.equals(parts.group(2));
        } else if (value.startsWith("*")) {
            return !issuer.isEmpty() && glob(value, subject);
        } else if (value.endsWith("*") && divided) {
            return issuer.equals(parts.group(1)) && glob(parts.group(2), subject);
        } else if (value.endsWith("*")) {
            return glob(value, issuer) && !subject.isEmpty();
        }
        return divided
                ? issuer.equals(parts.group(1)) && subject.equals(parts.group(2))
                : issuer.equals(value) && subject.isEmpty();
    }

    private static boolean claim(Asked asked, String path, String value) {
        Object claim = asked.claims();
        for (String name : path.split("/")) {
            claim = claim instanceof Map<?, ?> members ? members.get(name) : null;
        }
        List<?> all = claim instanceof List<?> list ? list : claim == null ? List.of() : List.of(claim);
        return all.stream().anyMatch(each -> each instanceof String text && glob(value, text));
    }

    /// Any of the values, and none of the negated ones.
    private static boolean values(Values values, Predicate<String> matches) {
        return (values.any().isEmpty() || values.any().stream().anyMatch(matches))
                && values.none().stream().noneMatch(matches);
    }

    /// What denies holds for any reading, what allows for all.
    private static boolean readings(
            Values values, Set<String> readings, boolean denies, BiPredicate<String, String> matches) {
        Predicate<String> any =
                reading -> values.any().stream().anyMatch(value -> meets(value, reading, denies, matches));
        Predicate<String> none =
                reading -> values.none().stream().noneMatch(value -> meets(value, reading, !denies, matches));
        boolean positive = values.any().isEmpty()
                || (denies ? readings.stream().anyMatch(any) : readings.stream().allMatch(any));
        boolean negative = values.none().isEmpty()
                || (denies
                        ? readings.stream().anyMatch(none)
                        : readings.stream().allMatch(none));
        return positive && negative;
    }

    /// What denies knows a host with and without a port and a trailing dot.
    /// What denies holds for any case.
    private static boolean methods(Values values, String method, boolean denies) {
        BiPredicate<String, Boolean> matches = (value, wide) -> glob(value, method)
                || (wide && glob(value.toUpperCase(java.util.Locale.ROOT), method.toUpperCase(java.util.Locale.ROOT)));
        return (values.any().isEmpty() || values.any().stream().anyMatch(value -> matches.test(value, denies)))
                && values.none().stream().noneMatch(value -> matches.test(value, !denies));
    }

    private static boolean hosts(Values values, Asked asked, boolean denies) {
        Set<String> sent = Set.of(asked.authority());
        Set<String> spellings = new HashSet<>(sent);
        int colon = asked.authority().lastIndexOf(':');
        String host = colon < 0 ? asked.authority() : asked.authority().substring(0, colon);
        String bare = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        spellings.add(bare);
        spellings.add(bare + ":" + asked.port());
        spellings.add(bare + (colon < 0 ? "" : asked.authority().substring(colon)));
        BiPredicate<String, String> matches = (value, text) ->
                glob(value.toLowerCase(java.util.Locale.ROOT), text.toLowerCase(java.util.Locale.ROOT));
        boolean positive = values.any().isEmpty()
                || (denies ? spellings : sent)
                        .stream().anyMatch(text -> values.any().stream().anyMatch(value -> matches.test(value, text)));
        boolean negative = (denies ? sent : spellings)
                .stream().noneMatch(text -> values.none().stream().anyMatch(value -> matches.test(value, text)));
        return positive && negative;
    }

    private boolean principal(String value, Asked asked) {
        return meant(value).stream().anyMatch(each -> asked.names().stream().anyMatch(name -> principal(each, name)));
    }

    private static boolean principal(String value, String name) {
        return value.equals("*")
                ? !name.isEmpty()
                : name.startsWith("spiffe://") && glob(value, name.substring("spiffe://".length()));
    }

    /// Principals of the own trust domain mean all of its names.
    private List<String> meant(String value) {
        String[] parts = value.split("/", -1);
        if (parts.length != 5 || parts[0].equals("*")) {
            return List.of(value);
        }
        boolean own = parts[0].equals("cluster.local") || domains.stream().anyMatch(domain -> glob(parts[0], domain));
        if (!own) {
            return List.of(value);
        }
        List<String> all = new ArrayList<>();
        for (String domain : domains) {
            all.add(glob(parts[0], domain) ? value : domain + value.substring(parts[0].length()));
        }
        return all;
    }

    private static boolean namespace(String value, Asked asked) {
        return asked.names().stream()
                .anyMatch(name -> stars(".*/ns/", value, "/.*").matcher(name).matches());
    }

    private static boolean account(AuthorizationPolicy policy, String value, Asked asked) {
        String[] parts = value.contains("/")
                ? value.split("/")
                : new String[] {policy.meta().namespace(), value};
        Pattern pattern = Pattern.compile(
                "spiffe://.+/ns/" + Pattern.quote(parts[0]) + "/(.+/)?sa/" + Pattern.quote(parts[1]) + "(/.+)?");
        return asked.names().stream().anyMatch(name -> pattern.matcher(name).matches());
    }

    private boolean trustDomain(String value, Asked asked) {
        List<String> all = new ArrayList<>(List.of(value));
        if (!value.equals("*")
                && (value.equals("cluster.local") || domains.stream().anyMatch(domain -> glob(value, domain)))) {
            all.addAll(domains);
        }
        return all.stream().anyMatch(each -> asked.names().stream()
                .anyMatch(name -> each.equals("*")
                        ? name.startsWith("spiffe://")
                        : Pattern.compile("spiffe://" + each.replace(".", "\\.").replace("*", "[^/]*") + "/.*")
                                .matcher(name)
                                .matches()));
    }

    private static Pattern stars(String before, String value, String after) {
        StringBuilder regex = new StringBuilder(before);
        for (char c : value.toCharArray()) {
            regex.append(c == '*' ? ".*" : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex + after);
    }

    /// `*` is any text that is not empty; a star at either end is any text; elsewhere it is itself.
    private static boolean glob(String value, String text) {
        if (value.equals("*")) {
            return !text.isEmpty();
        }
        if (value.startsWith("*")) {
            return text.endsWith(value.substring(1));
        }
        return value.endsWith("*") ? text.startsWith(value.substring(0, value.length() - 1)) : text.equals(value);
    }

    private static boolean path(String value, String path) {
        if (!value.contains("{*}") && !value.contains("{**}")) {
            return glob(value, path);
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < value.length(); ) {
            if (value.startsWith("{**}", i)) {
                regex.append(".*");
                i += 4;
            } else if (value.startsWith("{*}", i)) {
                regex.append("[^/]+");
                i += 3;
            } else {
                regex.append(Pattern.quote(value.substring(i, i + 1)));
                i++;
            }
        }
        return path.matches(regex.toString());
    }

    /// All that servers may make of a path, in whatever order they go about it.
    private static Set<String> paths(String path) {
        Set<String> all = new HashSet<>(Set.of(path));
        for (int size = 0; size != all.size(); ) {
            size = all.size();
            for (String each : List.copyOf(all)) {
                all.add(each.replace("%2F", "/"));
                all.add(each.replace("%5C", "/"));
                all.add(each.replaceAll(";[^/]*", ""));
                all.add(each.replaceAll("(;|%3B)[^/]*", ""));
                all.add(each.replaceAll("/+", "/"));
                all.add(plain(each));
            }
        }
        return all;
    }

    /// What denies means a reserved character however it is written.
    private static boolean meets(String value, String reading, boolean wide, BiPredicate<String, String> matches) {
        return matches.test(value, reading) || (wide && matches.test(plain(value), reading));
    }

    private static String plain(String path) {
        return path.replace("%3A", ":").replace("%40", "@").replace("%3B", ";").replace("%5B", "[");
    }

    private static boolean within(String range, String address) {
        String[] parts = range.split("/");
        String bits = bits(parts[0]);
        int prefix = parts.length == 1 ? bits.length() : Integer.parseInt(parts[1]);
        return bits.length() == bits(address).length() && bits(address).startsWith(bits.substring(0, prefix));
    }

    /// As many as the address has.
    private static String bits(String address) {
        StringBuilder bits = new StringBuilder();
        for (byte octet : InetAddress.ofLiteral(address).getAddress()) {
            bits.append(Integer.toBinaryString(0x100 | octet & 0xff).substring(1));
        }
        return bits.toString();
    }
}
