package io.sallyport.config.decode;

import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpDirectResponse.Body;
import io.sallyport.config.model.HttpRedirect;
import io.sallyport.config.model.HttpRedirect.DerivePort;
import io.sallyport.config.model.HttpRedirect.RedirectPort;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.ObjectReader;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// `HTTPRedirect` and `HTTPDirectResponse`.
final class HttpAnswerDecoder {
    private HttpAnswerDecoder() {}

    static HttpRedirect redirect(ObjectReader in) {
        return new HttpRedirect(
                in.text("uri"),
                in.text("authority"),
                redirectPort(in),
                in.text("scheme"),
                in.uint32("redirectCode"),
                in.text("prefixRewrite"),
                in.at());
    }

    private static RedirectPort redirectPort(ObjectReader in) {
        in.atMostOne("port", "derivePort");
        @Nullable Integer number = in.optionalUint32("port");
        DerivePort derived = in.constant("derivePort", DerivePort.values());
        if (number != null) {
            return new RedirectPort.Number(number);
        }
        return in.has("derivePort") ? new RedirectPort.Derived(derived) : new RedirectPort.Unset();
    }

    static HttpDirectResponse directResponse(ObjectReader in) {
        return new HttpDirectResponse(in.requiredUint32("status"), in.object("body", HttpAnswerDecoder::body), in.at());
    }

    private static @Nullable Body body(ObjectReader in) {
        in.atMostOne("string", "bytes");
        String text = in.optionalText("string");
        String bytes = in.optionalText("bytes");
        if (bytes != null && text == null) {
            return binary(in, bytes);
        }
        return text == null ? null : new Body.Text(text);
    }

    /// Proto JSON takes the standard and the URL alphabet, padded or not.
    private static @Nullable Body binary(ObjectReader in, String written) {
        String standard = written.replace('-', '+').replace('_', '/');
        try {
            byte[] bytes = Base64.getDecoder().decode(standard);
            return new Body.Binary(Base64.getEncoder().encodeToString(bytes));
        } catch (IllegalArgumentException e) {
            in.place().field("bytes").report(ProblemCode.BAD_BASE64, "the text is not base64");
            return null;
        }
    }
}
