package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.format.ParsedFormat;
import io.sallyport.http.Headers;
import io.sallyport.operators.ComposedText;
import io.sallyport.route.HeaderOps;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Edits a message's fields where a route's header operations say values by operators, which are looked up in the
/// request's facts and fields.
final class ComposedFields implements HeaderOps.Editor<Headers> {
    private static final UpstreamRequest.FieldEditor PLAIN = UpstreamRequest.FieldEditor.INSTANCE;

    private final ClientExchange exchange;
    private final Headers request;
    private final @Nullable Headers response;
    private final List<AsciiString> withheld;

    /// @param request the fields that the request has
    /// @param response the fields of the response that is edited; null for the request's
    /// @param withheld fields that hold credentials of the gateway's own, which no other field may repeat
    ComposedFields(ClientExchange exchange, Headers request, @Nullable Headers response, List<AsciiString> withheld) {
        this.exchange = exchange;
        this.request = request;
        this.response = response;
        this.withheld = withheld;
        FactSheet.details(exchange.facts, exchange.connection);
    }

    @Override
    public void remove(Headers headers, AsciiString name) {
        PLAIN.remove(headers, name);
    }

    @Override
    public void set(Headers headers, AsciiString name, AsciiString value) {
        PLAIN.set(headers, name, value);
    }

    @Override
    public void add(Headers headers, AsciiString name, AsciiString value) {
        PLAIN.add(headers, name, value);
    }

    @Override
    public AsciiString text(ParsedFormat format) {
        return ComposedText.of(format, exchange.facts, place -> field(format, place));
    }

    private @Nullable AsciiString field(ParsedFormat format, int place) {
        int ofRequest = format.request().size();
        if (place < ofRequest) {
            AsciiString name = format.request().get(place);
            return withheld.contains(name) ? null : request.get(name);
        }
        return response == null || place - ofRequest >= format.response().size()
                ? null
                : response.get(format.response().get(place - ofRequest));
    }
}
