package io.sallyport.runtime.settings;

import io.smallrye.config.ConfigValidationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Takes key, value and reason out of what SmallRye Config says of values that it could not convert: it has no other
/// way to tell.
final class ConversionProblems {
    private static final Pattern NOT_CONVERTED = Pattern.compile(
            "SRCFG00039: The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being"
                    + " converted (.*)",
            Pattern.DOTALL);
    private static final Pattern EMPTY =
            Pattern.compile("SRCFG00040: The config property (\\S+) is defined as the empty");
    /// A user does not know the enum's class, only its values.
    private static final Pattern NO_CONSTANT =
            Pattern.compile("Cannot convert .* to enum class \\S+, allowed values: (.*)", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("^([\\w.$]+(Exception|Error): )?(SRCFG\\d+: )?");

    private ConversionProblems() {}

    static List<SettingProblem> of(ConfigValidationException e) {
        var problems = new ArrayList<SettingProblem>();
        for (int i = 0; i < e.getProblemCount(); i++) {
            problems.add(problem(e.getProblem(i).getMessage()));
        }
        return problems;
    }

    static SettingProblem problem(String message) {
        Matcher converted = NOT_CONVERTED.matcher(message);
        if (converted.find()) {
            String value = converted.group(2);
            return new SettingProblem(
                    converted.group(1),
                    value,
                    UnknownSettings.isServiceLink(value)
                            ? "Kubernetes set this for a Service of that name: set enableServiceLinks: false on the pod"
                            : plain(converted.group(3)));
        }
        Matcher empty = EMPTY.matcher(message);
        if (empty.find()) {
            return new SettingProblem(empty.group(1), "", "is empty");
        }
        return new SettingProblem("sallyport", null, plain(message));
    }

    private static String plain(String message) {
        String reason = CODE.matcher(message).replaceFirst("");
        Matcher constant = NO_CONSTANT.matcher(reason);
        return constant.matches()
                ? Arrays.stream(constant.group(1).split(","))
                        .sorted()
                        .collect(Collectors.joining(", ", "is not one of ", ""))
                : reason;
    }
}
