package io.sallyport.format;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// The header fields that several formats and expressions want of one request and its response, which are captured
/// while it lives. Each format has its own from some place on, in the order that [ParsedFormat] counts.
public final class CapturedFields {
    private final List<Captured> request = new ArrayList<>();
    private final List<Captured> response = new ArrayList<>();
    private final List<Captured> trailers = new ArrayList<>();
    private int size;

    /// @param place among all that are captured
    public record Captured(AsciiString name, int place) {}

    CapturedFields() {}

    /// @return the place of the first one that it wants
    int add(ParsedFormat wanting) {
        int first = size;
        add(wanting.request(), request);
        add(wanting.response(), response);
        add(wanting.trailers(), trailers);
        return first;
    }

    private void add(List<AsciiString> names, List<Captured> to) {
        for (AsciiString name : names) {
            to.add(new Captured(name, size++));
        }
    }

    /// Fields of the request.
    public List<Captured> request() {
        return request;
    }

    public List<Captured> response() {
        return response;
    }

    public List<Captured> trailers() {
        return trailers;
    }

    /// The number of fields.
    public int size() {
        return size;
    }
}
