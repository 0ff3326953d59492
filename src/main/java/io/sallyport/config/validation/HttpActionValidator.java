package io.sallyport.config.validation;

import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpDirectResponse.Body;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRedirect;
import io.sallyport.config.model.HttpRedirect.RedirectPort;
import io.sallyport.config.model.HttpRewrite;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.RegexMatch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `HTTPRedirect`, `HTTPDirectResponse` and `HTTPRewrite`.
final class HttpActionValidator {
    private static final Set<Integer> REDIRECT_CODES = Set.of(0, 301, 302, 303, 307, 308);
    private static final int MAX_BODY = 1 << 20;
    /// `.` or `..` as a whole segment, plain or encoded, perhaps with parameters. An encoded slash or backslash ends a
    /// segment, too.
    private static final Pattern DOT_SEGMENT = Pattern.compile(
            "(?:^|[/\\\\]|%2f|%5c)(?:\\.|%2e){1,2}(?:$|[/\\\\;]|%2f|%5c|%3b)", Pattern.CASE_INSENSITIVE);
    /// Stands for what a group has matched.
    private static final Pattern REFERENCE = Pattern.compile("\\\\[0-9]");

    private HttpActionValidator() {}

    static void redirect(@Nullable HttpRedirect redirect, List<HttpMatchRequest> matches, Place place) {
        if (redirect == null) {
            return;
        }
        boolean prefix = !redirect.prefixRewrite().isEmpty();
        if (prefix && !redirect.uri().isEmpty()) {
            place.field("prefixRewrite").report(ProblemCode.BAD_REDIRECT, "uri and prefixRewrite exclude each other");
        }
        boolean otherMatches =
                matches.stream().anyMatch(match -> match.uri() != null && !(match.uri() instanceof StringMatch.Prefix));
        if (prefix && otherMatches) {
            String message = "prefixRewrite needs every uri match to be a prefix";
            place.field("prefixRewrite").report(ProblemCode.BAD_REDIRECT, message);
        }
        boolean changesPort = !(redirect.port() instanceof RedirectPort.Unset);
        boolean changesHost =
                !redirect.authority().isEmpty() || !redirect.scheme().isEmpty();
        if (!prefix && redirect.uri().isEmpty() && !changesHost && !changesPort) {
            String message = "the redirect leads where it comes from";
            place.report(ProblemCode.BAD_REDIRECT, message, "give uri, authority, scheme or port");
        }
        if (!REDIRECT_CODES.contains(redirect.redirectCode())) {
            String message = redirect.redirectCode() + " is not one of 301, 302, 303, 307, 308";
            place.field("redirectCode").report(ProblemCode.BAD_REDIRECT, message);
        }
        if (!Set.of("", "http", "https").contains(redirect.scheme())) {
            String message = Quote.of(redirect.scheme()) + " is neither http nor https";
            place.field("scheme").report(ProblemCode.BAD_REDIRECT, message);
        }
        if (redirect.port() instanceof RedirectPort.Number port) {
            Checks.port(port.number(), place.field("port"));
        }
        line(redirect.uri(), place.field("uri"));
        line(redirect.prefixRewrite(), place.field("prefixRewrite"));
        blank(redirect.uri(), place.field("uri"));
        blank(redirect.prefixRewrite(), place.field("prefixRewrite"));
        authority(redirect.authority(), place.field("authority"));
    }

    static void directResponse(@Nullable HttpDirectResponse response, Place place) {
        if (response == null) {
            return;
        }
        if (place.field("status").isPresent()) {
            status(response.status(), place.field("status"));
        }
        long size =
                switch (response.body()) {
                    case Body.Text text -> text.text().getBytes(StandardCharsets.UTF_8).length;
                    case Body.Binary binary -> binary.decode().length;
                    case null -> 0;
                };
        if (size > MAX_BODY) {
            place.field("body").report(ProblemCode.BODY_TOO_LARGE, "the body has " + size + " bytes, more than 1 MiB");
        }
        int status = response.status();
        if (size > 0 && (status == 204 || status == 205 || status == 304)) {
            String message = "the body is not sent: a response with status " + status + " has no content";
            place.field("body").report(ProblemCode.BODY_NOT_SENT, message, "give another status, or no body");
        }
    }

    static void status(int status, Place place) {
        if (status < 200 || status > 599) {
            place.report(ProblemCode.BAD_STATUS, status + " is not in 200 to 599");
        }
    }

    static void rewrite(@Nullable HttpRewrite rewrite, Place place) {
        if (rewrite == null) {
            return;
        }
        HttpRewrite.RegexRewrite regex = rewrite.uriRegexRewrite();
        if (!rewrite.uri().isEmpty() && regex != null) {
            String message = "uri and uriRegexRewrite exclude each other";
            place.field("uriRegexRewrite").report(ProblemCode.BAD_REWRITE, message);
        }
        if (rewrite.uri().isEmpty() && regex == null && rewrite.authority().isEmpty()) {
            String message = "the rewrite changes nothing";
            place.report(ProblemCode.BAD_REWRITE, message, "give uri, uriRegexRewrite or authority");
        }
        if (regex != null) {
            Place at = place.field("uriRegexRewrite");
            if (regex.match().isEmpty() || regex.rewrite().isEmpty()) {
                at.report(ProblemCode.BAD_REWRITE, "match and rewrite are both needed");
            } else {
                var pattern = Checks.regex(regex.match(), at.field("match"));
                String problem = pattern == null
                        ? null
                        : RegexMatch.replacementProblem(regex.rewrite().strip(), pattern.groupCount());
                if (problem != null) {
                    at.field("rewrite").report(ProblemCode.BAD_REWRITE, problem, "write \\\\ for a backslash");
                }
                line(regex.rewrite(), at.field("rewrite"));
                blank(regex.rewrite(), at.field("rewrite"));
                dotSegment(REFERENCE.matcher(regex.rewrite()).replaceAll("x"), regex.rewrite(), at.field("rewrite"));
            }
        }
        line(rewrite.uri(), place.field("uri"));
        blank(rewrite.uri(), place.field("uri"));
        dotSegment(rewrite.uri(), rewrite.uri(), place.field("uri"));
        authority(rewrite.authority(), place.field("authority"));
    }

    private static void authority(String text, Place place) {
        if (!text.isEmpty()) {
            Checks.authority(text, place);
        }
    }

    /// Each request would be refused on its way out, or be read as another path by an upstream that decodes it.
    private static void dotSegment(String path, String written, Place place) {
        int query = path.indexOf('?');
        if (DOT_SEGMENT
                .matcher((query < 0 ? path : path.substring(0, query)).strip())
                .find()) {
            String message = Quote.of(written) + " has a dot segment, which no request is sent on with";
            place.report(ProblemCode.BAD_REWRITE, message, "write the path that it leads to");
        }
    }

    private static void line(String text, Place place) {
        if (text.codePoints().anyMatch(HeaderChecks::isUnsendable)) {
            String message = Quote.of(text) + " has control characters, or half of a surrogate pair";
            place.report(ProblemCode.BAD_HEADER_VALUE, message);
        }
    }

    /// Many write a blank where they mean that what was matched goes away: an empty text would mean no change.
    private static void blank(String text, Place place) {
        if (!text.isEmpty() && text.isBlank()) {
            String message = "the blank stands for nothing: what was matched is removed";
            place.report(ProblemCode.BLANK_PATH, message, "write / where that is meant");
        }
    }
}
