package io.sallyport.otlp;

import io.sallyport.http.grpc.ProtoWriter;

/// The name of an attribute, as its field of `KeyValue` is written.
final class AttributeName {
    private final String text;
    private final byte[] field;

    AttributeName(String text) {
        this.text = text;
        field = new ProtoWriter().text(1, text).toBytes();
    }

    void writeTo(ProtoWriter keyValue) {
        keyValue.raw(field);
    }

    @Override
    public String toString() {
        return text;
    }
}
