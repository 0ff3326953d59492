package io.sallyport.otlp;

import io.sallyport.http.grpc.ProtoWriter;

/// The name of an attribute, and what stands in front of its value in a `KeyValue` (opentelemetry-proto
/// `common.proto`).
final class AttributeName {
    static final int KEY = 1;
    static final int VALUE = 2;
    /// Of `AnyValue`.
    static final int STRING_VALUE = 1;
    private static final int INT_VALUE = 3;

    private final String text;
    /// Ends with the one byte that the length of the value takes as a rule.
    private final byte[] beforeInteger;
    /// Ends with one byte for the length of the value and one for that of its text.
    private final byte[] beforeText;

    AttributeName(String text) {
        this.text = text;
        ProtoWriter out = new ProtoWriter().text(KEY, text);
        out.open(VALUE);
        beforeInteger = out.toBytes();
        out.open(STRING_VALUE);
        beforeText = out.toBytes();
    }

    void writeInteger(ProtoWriter keyValue, long value) {
        keyValue.raw(beforeInteger);
        int start = keyValue.size();
        keyValue.always(INT_VALUE, value);
        keyValue.close(start);
    }

    /// Begins a text, which follows.
    ///
    /// @return for [#closeText]
    int openText(ProtoWriter keyValue) {
        keyValue.raw(beforeText);
        return keyValue.size();
    }

    /// Ends what that call has begun.
    static void closeText(ProtoWriter keyValue, int start) {
        keyValue.close(start);
        // In front of it the field's number and the length.
        keyValue.close(start - 2);
    }

    @Override
    public String toString() {
        return text;
    }
}
