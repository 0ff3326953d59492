package io.sallyport.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;

/// A receiver of OTLP traces, logs and metrics, by gRPC on grpc-java or by HTTP on the JDK's server. Messages are
/// decoded by
/// OpenTelemetry's own classes.
public final class TestCollector implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Server grpc;
    private final HttpServer http;
    private final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
    private final List<ExportLogsServiceRequest> logs = new CopyOnWriteArrayList<>();
    private final List<ExportMetricsServiceRequest> metrics = new CopyOnWriteArrayList<>();
    private final Map<String, String> metadata = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    /// Log records and metrics, by gRPC, that are not answered yet.
    private final List<Runnable> held = new ArrayList<>();

    private boolean holding;
    private volatile int refusals;
    private volatile long rejected;

    private TestCollector(boolean byGrpc, Issued identity) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (byGrpc) {
            http = null;
            NettyServerBuilder server = NettyServerBuilder.forAddress(any)
                    .addService(new Service())
                    .addService(new Logs())
                    .addService(new Metrics())
                    .intercept(new Recording());
            if (identity != null) {
                server.useTransportSecurity(stream(identity.chainPem()), stream(identity.keyPem()));
            }
            grpc = server.build().start();
        } else {
            grpc = null;
            http = HttpServer.create(any, 0);
            http.createContext("/", this::answer);
            http.start();
        }
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    public static TestCollector grpc() {
        return start(true, null);
    }

    /// By gRPC over TLS.
    public static TestCollector grpc(Issued identity) {
        return start(true, identity);
    }

    public static TestCollector http() {
        return start(false, null);
    }

    private static TestCollector start(boolean byGrpc, Issued identity) {
        try {
            return new TestCollector(byGrpc, identity);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next requests, so many, are answered UNAVAILABLE or 503.
    public TestCollector refusing(int times) {
        refusals = times;
        return this;
    }

    /// Log records and metrics, by gRPC, are not answered until [#release].
    public synchronized TestCollector holding() {
        holding = true;
        return this;
    }

    /// What was held is answered, and what comes from now on.
    public synchronized void release() {
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
    }

    private synchronized boolean holds(Runnable answer) {
        return holding && held.add(answer);
    }

    /// Of every request so many spans, log records or data points are said to be rejected.
    public TestCollector rejecting(long spans) {
        rejected = spans;
        return this;
    }

    public int port() {
        return grpc == null ? http.getAddress().getPort() : grpc.getPort();
    }

    /// As `sallyport.tracing.endpoint`.
    public String endpoint() {
        return "http://127.0.0.1:" + port() + (grpc == null ? "/v1/traces" : "");
    }

    /// As `sallyport.metrics.otlp.endpoint`.
    public String metricsEndpoint() {
        return "http://127.0.0.1:" + port() + (grpc == null ? "/v1/metrics" : "");
    }

    public String protocol() {
        return grpc == null ? "http/protobuf" : "grpc";
    }

    /// Requests that came, those that were refused among them.
    public int calls() {
        return calls.get();
    }

    /// Headers of the last request, and `:path`.
    public Map<String, String> metadata() {
        return metadata;
    }

    public List<ExportTraceServiceRequest> requests() {
        return List.copyOf(requests);
    }

    public List<Span> spans() {
        return requests.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    /// Requests with log records.
    public List<ExportLogsServiceRequest> logs() {
        return List.copyOf(logs);
    }

    public List<LogRecord> records() {
        return logs.stream()
                .flatMap(request -> request.getResourceLogsList().stream())
                .flatMap(resource -> resource.getScopeLogsList().stream())
                .flatMap(scope -> scope.getLogRecordsList().stream())
                .toList();
    }

    /// Requests with metrics.
    public List<ExportMetricsServiceRequest> metrics() {
        return List.copyOf(metrics);
    }

    /// Waits until there are so many log records.
    public List<LogRecord> awaitRecords(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> records().size() >= count);
        return records();
    }

    /// Waits until there are so many of that kind.
    public List<Span> await(int count, Predicate<Span> which) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> spans().stream().filter(which).count() >= count);
        return spans().stream().filter(which).toList();
    }

    public List<Span> awaitServers(int count) {
        return await(count, span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
    }

    public List<Span> awaitClients(int count) {
        return await(count, span -> span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT);
    }

    /// Attributes by name, as text.
    public static Map<String, String> attributes(Span span) {
        return attributes(span.getAttributesList());
    }

    public static Map<String, String> attributes(List<KeyValue> list) {
        Map<String, String> attributes = new TreeMap<>();
        for (KeyValue each : list) {
            AnyValue value = each.getValue();
            attributes.put(
                    each.getKey(), value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue());
        }
        return attributes;
    }

    public static String traceId(Span span) {
        return HexFormat.of().formatHex(span.getTraceId().toByteArray());
    }

    public static String id(Span span) {
        return HexFormat.of().formatHex(span.getSpanId().toByteArray());
    }

    public static String parentId(Span span) {
        return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
    }

    private boolean refuses() {
        calls.incrementAndGet();
        if (refusals > 0) {
            refusals--;
            return true;
        }
        return false;
    }

    private ExportTraceServiceResponse response() {
        return ExportTraceServiceResponse.newBuilder()
                .setPartialSuccess(ExportTracePartialSuccess.newBuilder().setRejectedSpans(rejected))
                .build();
    }

    private final class Service extends TraceServiceGrpc.TraceServiceImplBase {
        @Override
        public void export(ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> caller) {
            if (refuses()) {
                caller.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            requests.add(request);
            caller.onNext(response());
            caller.onCompleted();
        }
    }

    private final class Logs extends LogsServiceGrpc.LogsServiceImplBase {
        @Override
        public void export(ExportLogsServiceRequest request, StreamObserver<ExportLogsServiceResponse> caller) {
            if (refuses()) {
                caller.onError(Status.UNAVAILABLE.asRuntimeException());
            } else if (!holds(() -> take(request, caller))) {
                take(request, caller);
            }
        }

        private void take(ExportLogsServiceRequest request, StreamObserver<ExportLogsServiceResponse> caller) {
            logs.add(request);
            caller.onNext(ExportLogsServiceResponse.newBuilder()
                    .setPartialSuccess(ExportLogsPartialSuccess.newBuilder().setRejectedLogRecords(rejected))
                    .build());
            caller.onCompleted();
        }
    }

    private ExportMetricsServiceResponse metricsResponse() {
        return ExportMetricsServiceResponse.newBuilder()
                .setPartialSuccess(ExportMetricsPartialSuccess.newBuilder().setRejectedDataPoints(rejected))
                .build();
    }

    private final class Metrics extends MetricsServiceGrpc.MetricsServiceImplBase {
        @Override
        public void export(ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> caller) {
            if (refuses()) {
                caller.onError(Status.UNAVAILABLE.asRuntimeException());
            } else if (!holds(() -> take(request, caller))) {
                take(request, caller);
            }
        }

        private void take(ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> caller) {
            metrics.add(request);
            caller.onNext(metricsResponse());
            caller.onCompleted();
        }
    }

    private final class Recording implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            for (String key : headers.keys()) {
                if (!key.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                    metadata.put(key, headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER)));
                }
            }
            metadata.put(":path", '/' + call.getMethodDescriptor().getFullMethodName());
            return next.startCall(call, headers);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestHeaders()
                    .forEach(
                            (name, values) -> metadata.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
            metadata.put(":path", exchange.getRequestURI().toString());
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("content-encoding"));
            InputStream in = gzip ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
            byte[] body = in.readAllBytes();
            if (refuses()) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            byte[] response;
            if (exchange.getRequestURI().getPath().endsWith("/v1/metrics")) {
                metrics.add(ExportMetricsServiceRequest.parseFrom(body));
                response = metricsResponse().toByteArray();
            } else {
                requests.add(ExportTraceServiceRequest.parseFrom(body));
                response = response().toByteArray();
            }
            exchange.getResponseHeaders().set("content-type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, response.length == 0 ? -1 : response.length);
            exchange.getResponseBody().write(response);
        }
    }

    @Override
    public void close() {
        if (grpc == null) {
            http.stop(0);
        } else {
            grpc.shutdownNow();
        }
    }
}
