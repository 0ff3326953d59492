package io.sallyport.format;

import org.jspecify.annotations.Nullable;

/// How requests of one configuration are logged.
///
/// @param json Istio's usual keys as JSON, or its usual line; where there is a format that says it
/// @param format null for what is usual
/// @param file path of the file that gets the lines
public record LogPlan(boolean json, @Nullable ParsedFormat format, String file) {
    public static final String STANDARD_OUTPUT = "/dev/stdout";
    public static final String STANDARD_ERROR = "/dev/stderr";

    /// Whether it can be the path of a file.
    public static boolean isFile(String path) {
        return path.startsWith("/") && !path.endsWith("/") && path.chars().noneMatch(Character::isISOControl);
    }

    /// @param template with operators; empty for what is usual
    public static LogPlan of(boolean json, String template, String file) throws FormatException {
        ParsedFormat format =
                template.isBlank() ? null : json ? JsonTemplate.line(template) : FormatParser.line(template);
        return new LogPlan(json, format, file);
    }
}
