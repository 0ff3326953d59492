package io.sallyport.runtime.settings;

import io.sallyport.config.yaml.Suggestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds settings of ours that do not exist. A misspelt limit that is silently ignored is a limit that is not there.
final class UnknownSettings {
    private static final String ENVIRONMENT_PREFIX = "SALLYPORT_";
    private static final String ANY_KEY = "*";

    /// What Kubernetes puts into the environment of every container for a Service whose name begins with `sallyport`.
    private static final Pattern SERVICE_LINK =
            Pattern.compile("SALLYPORT_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)"
                    + "|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://\\S+");

    private final Map<String, String> keysByVariable = new HashMap<>();
    private final Collection<String> keys;

    /// @param keys all that exist; `sallyport.port-map.*` stands for any key there
    UnknownSettings(Collection<String> keys) {
        this.keys = keys;
        keys.forEach(key -> keysByVariable.put(variable(key), key));
    }

    List<SettingProblem> find(Iterable<String> names, Map<String, String> environment) {
        var problems = new ArrayList<SettingProblem>();
        var sorted = new TreeSet<String>();
        names.forEach(sorted::add);
        for (String name : sorted) {
            if (name.startsWith(SettingsLoader.PREFIX) && !known(name, keys) && !environmentHas(name, environment)) {
                problems.add(new SettingProblem(name, null, reason(Suggestion.didYouMean(name, keys))));
            }
        }
        for (String variable : new TreeSet<>(environment.keySet())) {
            if (variable.startsWith(ENVIRONMENT_PREFIX)
                    && !known(variable, keysByVariable.keySet())
                    && !serviceLink(variable, environment.getOrDefault(variable, ""))) {
                String hint = Suggestion.didYouMean(variable, keysByVariable.keySet());
                problems.add(new SettingProblem(variable, null, reason(hint)));
            }
        }
        return problems;
    }

    private static boolean serviceLink(String variable, String value) {
        return SERVICE_LINK.matcher(variable).matches() || variable.endsWith("_PORT") && isServiceLink(value);
    }

    /// `tcp://10.0.0.7:80`
    static boolean isServiceLink(String value) {
        return LINK_VALUE.matcher(value).matches();
    }

    /// An environment's source offers its variables under dotted names as well.
    private static boolean environmentHas(String name, Map<String, String> environment) {
        return environment.containsKey(variable(name));
    }

    private static boolean known(String name, Collection<String> names) {
        if (names.contains(name)) {
            return true;
        }
        for (String pattern : names) {
            int star = pattern.length() - 1;
            if (pattern.endsWith(ANY_KEY) && name.startsWith(pattern.substring(0, star)) && name.length() > star) {
                return true;
            }
        }
        return false;
    }

    /// The environment variable of a key (MicroProfile Config, "Environment Variables Mapping Rules").
    static String variable(String key) {
        var name = new StringBuilder(key.length());
        for (char c : key.toUpperCase(Locale.ROOT).toCharArray()) {
            name.append(Character.isLetterOrDigit(c) || c == '*' ? c : '_');
        }
        return name.toString();
    }

    private static String reason(@Nullable String hint) {
        return hint == null ? "there is no such setting" : "there is no such setting; " + hint;
    }
}
