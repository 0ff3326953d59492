package io.sallyport.route.bench;

import io.netty.util.AsciiString;
import io.sallyport.route.RequestView;
import java.util.Map;

/// A GET by http with no headers.
record BenchRequest(String host, String path) implements RequestView {
    @Override
    public String authority() {
        return host;
    }

    @Override
    public String query() {
        return null;
    }

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String scheme() {
        return "http";
    }

    @Override
    public int port() {
        return 80;
    }

    @Override
    public CharSequence header(AsciiString lowerCaseName) {
        return null;
    }

    @Override
    public String sourceNamespace() {
        return null;
    }

    @Override
    public Map<String, String> sourceLabels() {
        return Map.of();
    }
}
