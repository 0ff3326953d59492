package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.call.HttpAnswer;
import io.sallyport.call.HttpCall;
import io.sallyport.call.HttpQuestion;
import io.sallyport.call.UnaryCall;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.outcome.ProxyException;
import io.sallyport.trace.Collector;
import io.sallyport.upstream.UpstreamLoop;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Sends a batch to a collector once, by the gateway's own calls (OTLP specification 1.9).
final class Delivery {
    private static final AsciiString PROTOBUF = AsciiString.cached("application/x-protobuf");
    private static final AsciiString GZIP = AsciiString.cached("gzip");
    private static final AsciiString GRPC_ENCODING = AsciiString.cached("grpc-encoding");
    private static final AsciiString AGENT = AsciiString.cached("sallyport");
    private static final int MOST_BYTES = 64 * 1024;
    /// Of gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS.
    private static final Set<Integer> PASSING_CODES = Set.of(1, 4, 8, 10, 11, 14, 15);

    private static final Set<Integer> PASSING_STATUSES = Set.of(429, 502, 503, 504);
    private static final long LONGEST_PAUSE_SECONDS = 30;

    /// What became of a batch.
    ///
    /// @param failure null where it was taken
    /// @param passing another attempt may succeed
    /// @param pauseSeconds that the collector asks for before it; 0 where it says nothing
    /// @param rejected spans, records or data points that the collector has not taken out of a batch that it has
    record Result(@Nullable String failure, boolean passing, long pauseSeconds, long rejected) {
        static Result taken(long rejected) {
            return new Result(null, false, 0, rejected);
        }

        static Result failed(String failure, boolean passing) {
            return new Result(failure, passing, 0, 0);
        }
    }

    private final UpstreamLoop loop;
    private final String method;

    /// @param method of gRPC, `/service/method`
    Delivery(UpstreamLoop loop, String method) {
        this.loop = loop;
        this.method = method;
    }

    /// Waits for the answer, on a thread that is no event loop's.
    ///
    /// @param body compressed where the collector is to get it so; the call takes it over
    Result send(Destination to, ByteBuf body) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        try {
            loop.eventLoop().execute(() -> start(to, body, result));
            // The call has a deadline of its own.
            return result.get(to.collector().timeout().toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.failed("interrupted", false);
        } catch (RejectedExecutionException e) {
            return Result.failed("the gateway is ending", false);
        } catch (ExecutionException | TimeoutException e) {
            return Result.failed("no answer", true);
        }
    }

    private void start(Destination to, ByteBuf body, CompletableFuture<Result> result) {
        Collector collector = to.collector();
        try {
            if (collector.protocol() == Collector.Protocol.GRPC) {
                Headers metadata = headers(collector, GRPC_ENCODING);
                GrpcQuestion question = new GrpcQuestion(collector.authority(), method, metadata);
                new UnaryCall(
                                loop,
                                to.cluster(),
                                question,
                                body,
                                collector.timeout(),
                                MOST_BYTES,
                                new GrpcCallback(result))
                        .start();
            } else {
                Headers headers = headers(collector, HeaderNames.CONTENT_ENCODING);
                headers.set(HeaderNames.CONTENT_TYPE, PROTOBUF);
                headers.set(HeaderNames.USER_AGENT, AGENT);
                HttpQuestion question =
                        new HttpQuestion(Methods.POST, collector.authority(), collector.path(), headers, body);
                new HttpCall(loop, to.cluster(), question, collector.timeout(), MOST_BYTES, new HttpCallback(result))
                        .start();
            }
        } catch (RuntimeException defect) {
            result.complete(Result.failed(defect.toString(), false));
        }
    }

    private static Headers headers(Collector collector, AsciiString encoding) {
        Headers headers = new Headers(collector.headers().size() + 4);
        for (Map.Entry<String, String> each : collector.headers()) {
            headers.add(AsciiString.of(each.getKey()), each.getValue());
        }
        if (collector.gzip()) {
            headers.set(encoding, GZIP);
        }
        return headers;
    }

    private record GrpcCallback(CompletableFuture<Result> result) implements UnaryCall.Callback {
        @Override
        public void onAnswer(byte[] message) {
            result.complete(Result.taken(rejected(message)));
        }

        @Override
        public void onFailure(GrpcResult failure) {
            result.complete(Result.failed(failure.toString(), PASSING_CODES.contains(failure.code())));
        }
    }

    private record HttpCallback(CompletableFuture<Result> result) implements HttpCall.Callback {
        @Override
        public void onAnswer(HttpAnswer answer) {
            if (answer.status() / 100 == 2) {
                result.complete(Result.taken(rejected(answer.body())));
                return;
            }
            boolean passing = PASSING_STATUSES.contains(answer.status());
            result.complete(new Result(
                    "status " + answer.status(), passing, pause(answer.headers().get(HeaderNames.RETRY_AFTER)), 0));
        }

        @Override
        public void onFailure(ProxyException failure) {
            result.complete(Result.failed(failure.flag() + " " + failure.details(), true));
        }

        private static long pause(@Nullable AsciiString seconds) {
            int number = seconds == null ? -1 : GrpcResult.number(seconds);
            return Math.clamp(number, 0, LONGEST_PAUSE_SECONDS);
        }
    }

    /// `ExportTracePartialSuccess.rejected_spans`, `ExportLogsPartialSuccess.rejected_log_records` or
    /// `ExportMetricsPartialSuccess.rejected_data_points`; 0 for what cannot be read.
    private static long rejected(byte[] response) {
        try {
            ProtoReader reader = new ProtoReader(response);
            while (reader.next()) {
                if (reader.field() == 1) {
                    ProtoReader partial = reader.message();
                    while (partial.next()) {
                        if (partial.field() == 1) {
                            return Math.max(0, partial.number());
                        }
                    }
                }
            }
        } catch (ProtoException unreadable) {
            return 0;
        }
        return 0;
    }
}
