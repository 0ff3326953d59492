package io.sallyport.net;

import io.netty.util.AsciiString;
import io.sallyport.route.RequestView;
import java.util.HashMap;
import java.util.Map;

/// A request as matching sees it, changed by `with` methods.
public record TestRequest(
        String host,
        String authority,
        String path,
        String query,
        String method,
        String scheme,
        int port,
        Map<AsciiString, String> headers,
        String sourceNamespace,
        Map<String, String> sourceLabels)
        implements RequestView {

    public static TestRequest get(String target) {
        int mark = target.indexOf('?');
        return new TestRequest(
                "foo.com",
                "foo.com",
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? null : target.substring(mark + 1),
                "GET",
                "http",
                80,
                Map.of(),
                null,
                Map.of());
    }

    @Override
    public CharSequence header(AsciiString name) {
        return headers.get(name);
    }

    public TestRequest withHost(String value) {
        return new TestRequest(
                HostName.parse(value).host(),
                value,
                path,
                query,
                method,
                scheme,
                port,
                headers,
                sourceNamespace,
                sourceLabels);
    }

    public TestRequest withMethod(String value) {
        return new TestRequest(
                host, authority, path, query, value, scheme, port, headers, sourceNamespace, sourceLabels);
    }

    public TestRequest withScheme(String value) {
        return new TestRequest(
                host, authority, path, query, method, value, port, headers, sourceNamespace, sourceLabels);
    }

    public TestRequest withPort(int value) {
        return new TestRequest(
                host, authority, path, query, method, scheme, value, headers, sourceNamespace, sourceLabels);
    }

    public TestRequest withHeader(String name, String value) {
        Map<AsciiString, String> more = new HashMap<>(headers);
        more.put(AsciiString.of(name), value);
        return new TestRequest(host, authority, path, query, method, scheme, port, more, sourceNamespace, sourceLabels);
    }

    public TestRequest withSource(String namespace, Map<String, String> labels) {
        return new TestRequest(host, authority, path, query, method, scheme, port, headers, namespace, labels);
    }
}
