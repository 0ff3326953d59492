package io.sallyport.format;

import org.jspecify.annotations.Nullable;

/// A file of the access log or a collector, and which requests get a line in it.
///
/// @param json Istio's usual keys as JSON, or its usual line; where there is a format that says it
/// @param format null for what is usual
/// @param filter requests that it does not hold for get none; null for all
/// @param file path; empty for a collector
/// @param records null for a file
public record LogSink(
        boolean json,
        @Nullable ParsedFormat format,
        @Nullable CelExpression filter,
        String file,
        @Nullable LogRecords records) {
    public static final String STANDARD_OUTPUT = "/dev/stdout";
    public static final String STANDARD_ERROR = "/dev/stderr";

    /// Whether it can be the path of a file.
    public static boolean isFile(String path) {
        return path.startsWith("/") && !path.endsWith("/") && path.chars().noneMatch(Character::isISOControl);
    }

    /// A file, for all requests.
    ///
    /// @param template with operators; empty for what is usual
    public static LogSink of(boolean json, String template, String file) throws FormatException {
        ParsedFormat format =
                template.isBlank() ? null : json ? JsonTemplate.line(template) : FormatParser.line(template);
        return new LogSink(json, format, null, file, null);
    }

    /// A collector, for all requests.
    ///
    /// @param template of a record's body, a line; empty for what is usual
    public static LogSink of(String template, LogRecords records) throws FormatException {
        LogSink line = of(false, template, "");
        return new LogSink(false, line.format, null, "", records);
    }

    public LogSink withFilter(@Nullable CelExpression other) {
        return new LogSink(json, format, other, file, records);
    }
}
