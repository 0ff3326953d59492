package io.sallyport.reload;

import io.sallyport.config.FileResources;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the text of a file speaks of that nobody can read as YAML. It is searched once for as long as the file stays as
/// it is, and by expressions only where plain words say that it is worth it: it may have many megabytes.
///
/// @param ofMesh whether it may have settings of the mesh
/// @param kinds how often each is named
/// @param policies of each document that speaks of a policy, its namespace; empty where that is not certain
/// @param rules of each document that may have a DestinationRule which orders TLS
record TextFindings(boolean ofMesh, Map<String, Integer> kinds, List<Optional<String>> policies, List<Rules> rules) {
    /// @param hosts that it names
    /// @param namespace of the document; empty where that is not certain
    /// @param all whether these are all hosts that it has
    record Rules(List<String> hosts, Optional<String> namespace, boolean all) {}

    static final TextFindings NONE = new TextFindings(false, Map.of(), List.of(), List.of());

    /// A document of a file that cannot be read as YAML begins here.
    private static final Pattern DOCUMENT = Pattern.compile("(?m)^---");

    private static final List<String> MESH_FIELDS =
            List.of("extensionProviders", "trustDomain", "gatewayTopology", "rootNamespace");
    private static final Pattern MESH = Pattern.compile("(?m)^[ \\t]*+mesh(?:Networks)?[ \\t]*+:");

    /// In lower case.
    private static final List<String> POLICIES =
            List.of("security.istio.io", "authorizationpolicy", "requestauthentication", "peerauthentication");

    private static final Pattern KIND = Pattern.compile("\\bkind[\"']?\\s*:\\s*[\"']?([A-Za-z]+)");

    private static final String RULE = "DestinationRule";
    private static final Pattern ORDER = Pattern.compile("\\btls\\b|\\btunnel\\b");
    private static final Pattern ANY_HOST = Pattern.compile("\\bhost[\"']?\\s*:");
    private static final Pattern HOST = Pattern.compile(ANY_HOST + "[ \\t]*[\"']?([A-Za-z0-9*][A-Za-z0-9.*-]*)");

    private static final Pattern NAMESPACE =
            Pattern.compile("[\"']?namespace[\"']?\\s*:\\s*[\"']?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9.-])");

    /// Where these stand, the first `namespace` need not be the resource's.
    private static final Pattern UNCERTAIN = Pattern.compile("#|\\blabels\\b|\\bannotations\\b");

    /// Of all files that cannot be read.
    ///
    /// @param before of files some of which may be the same
    static Map<FileResources, TextFindings> ofIllegible(
            List<FileResources> files, Map<FileResources, TextFindings> before) {
        Map<FileResources, TextFindings> findings = new IdentityHashMap<>();
        for (FileResources file : files) {
            if (!file.isLegible()) {
                TextFindings known = before.get(file);
                findings.put(file, known == null ? of(text(file)) : known);
            }
        }
        return findings;
    }

    /// One character a byte. Other encodings of Latin letters have zeros between them, which are left out.
    static String text(FileResources file) {
        return new String(file.source().content(), StandardCharsets.ISO_8859_1).replace("\0", "");
    }

    static TextFindings of(String text) {
        boolean policies = speaksOfPolicies(text);
        List<Optional<String>> namespaces = new ArrayList<>();
        List<Rules> rules = new ArrayList<>();
        for (String document : policies || text.contains(RULE) ? DOCUMENT.split(text) : new String[0]) {
            if (policies && speaksOfPolicies(document)) {
                namespaces.add(namespace(document));
            }
            if (document.contains(RULE) && ORDER.matcher(document).find()) {
                List<String> hosts = groups(HOST, document).toList();
                boolean all =
                        !hosts.isEmpty() && ANY_HOST.matcher(document).results().count() == hosts.size();
                rules.add(new Rules(hosts, namespace(document), all));
            }
        }
        boolean ofMesh = MESH_FIELDS.stream().anyMatch(text::contains)
                || (text.contains("mesh") && MESH.matcher(text).find());
        return new TextFindings(ofMesh, kinds(text), namespaces, rules);
    }

    private static boolean speaksOfPolicies(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return POLICIES.stream().anyMatch(lower::contains);
    }

    private static Map<String, Integer> kinds(String text) {
        Map<String, Integer> kinds = new HashMap<>();
        if (text.contains("kind")) {
            Matcher named = KIND.matcher(text);
            while (named.find()) {
                kinds.merge(named.group(1), 1, Integer::sum);
            }
        }
        return kinds;
    }

    /// The one that a document names for the one resource that it has; empty where that is not certain.
    private static Optional<String> namespace(String document) {
        int start = document.indexOf("metadata");
        if (start < 0 || document.indexOf("metadata", start + 1) > 0) {
            return Optional.empty();
        }
        int end = document.indexOf("spec", start);
        String metadata = end < 0 ? document.substring(start) : document.substring(start, end);
        List<String> named = UNCERTAIN.matcher(metadata).find()
                ? List.of()
                : groups(NAMESPACE, metadata).distinct().toList();
        return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
    }

    private static Stream<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1));
    }
}
