package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lists and watches of the API server, over the client's connections and with its credentials. A watch is an answer
/// whose body goes on: one JSON value for each event.
final class ApiServer {
    private static final int LARGEST_ERROR_BYTES = 64 * 1024;
    private static final int LONGEST_MESSAGE = 300;
    /// The server ends a watch after five to ten minutes, each at another time, so that watches spread over servers.
    private static final int WATCH_SECONDS = 300;

    private final HttpClient http;
    private final String url;
    private final ObjectMapper mapper = ReadFields.mapper();
    private final Pace pace;

    /// How long things may take.
    ///
    /// @param pause before the second attempt in a row; it doubles with each further one
    /// @param longestPause between two attempts
    /// @param list until the answer to a list begins
    /// @param watch until the answer to a watch begins
    /// @param absence between two questions for what there is not, or what may not be read
    record Pace(Duration pause, Duration longestPause, Duration list, Duration watch, Duration absence) {
        static final Pace STANDARD = new Pace(
                Duration.ofMillis(250),
                Duration.ofSeconds(8),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                Duration.ofMinutes(1));

        private static final int MOST_DOUBLINGS = 16;

        /// A random part of it is left out, so that gateways that lost the same server do not come back together.
        ///
        /// @param failures in a row
        Duration after(int failures) {
            if (failures == 0) {
                return Duration.ZERO;
            }
            long full = Math.min(pause.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS), longestPause.toMillis());
            return Duration.ofMillis(full - ThreadLocalRandom.current().nextLong(full / 4 + 1));
        }
    }

    ApiServer(KubernetesClient client) {
        this(client, Pace.STANDARD);
    }

    ApiServer(KubernetesClient client, Pace pace) {
        http = client.getHttpClient();
        String master = client.getMasterUrl().toString();
        url = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
        this.pace = pace;
    }

    Pace pace() {
        return pace;
    }

    /// @param parameters of the list
    Answer list(ObjectPath objects, String parameters) throws IOException, InterruptedException {
        return ask(objects.with(parameters), pace.list());
    }

    /// @param version where the watch begins
    Answer watch(ObjectPath objects, String version) throws IOException, InterruptedException {
        int seconds = WATCH_SECONDS + ThreadLocalRandom.current().nextInt(WATCH_SECONDS);
        return ask(
                objects.with(
                        "allowWatchBookmarks=true&resourceVersion=" + URLEncoder.encode(version, StandardCharsets.UTF_8)
                                + "&timeoutSeconds=" + seconds + "&watch=true"),
                pace.watch());
    }

    private Answer ask(String target, Duration patience) throws IOException, InterruptedException {
        var request = http.newHttpRequestBuilder()
                .uri(url + target)
                .header("Accept", "application/json")
                .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        CompletableFuture<HttpResponse<InputStream>> answered = http.sendAsync(request, InputStream.class);
        HttpResponse<InputStream> response;
        try {
            response = answered.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException cause ? cause : new IOException(failed.getCause());
        } finally {
            // Of no effect but where the wait was interrupted: an answer that comes later is closed.
            answered.cancel(true);
        }
        return new Answer(response);
    }

    /// One answer, whose body is read by one thread and may be closed by any.
    final class Answer implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final InputStream body;
        private volatile long heardAt = System.nanoTime();

        private Answer(HttpResponse<InputStream> response) {
            this.response = response;
            body = new FilterInputStream(response.body()) {
                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    int count = super.read(bytes, offset, length);
                    heardAt = System.nanoTime();
                    return count;
                }
            };
        }

        /// @param now [System#nanoTime]
        boolean isSilent(long now, Duration longest) {
            return now - heardAt >= longest.toNanos();
        }

        /// @throws RefusedException where it is an error
        void check() throws IOException {
            if (!response.isSuccessful()) {
                throw new RefusedException(response.code(), message());
            }
        }

        /// Null where it is no Status.
        private @Nullable String message() throws IOException {
            byte[] start = body.readNBytes(LARGEST_ERROR_BYTES);
            try {
                return mapper.readTree(start).path("message").textValue();
            } catch (JsonProcessingException noStatus) {
                return null;
            }
        }

        /// Reads one page of a list.
        ///
        /// @param item called with each object
        /// @return the list's metadata
        /// @throws IOException where it is no list, or ends too early
        JsonNode readList(Consumer<JsonNode> item) throws IOException {
            JsonNode metadata = null;
            boolean listed = false;
            try (JsonParser parser = mapper.createParser(body)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw new UnreadableException("no list");
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String field = parser.currentName();
                    JsonToken value = parser.nextToken();
                    if (field.equals("metadata")) {
                        metadata = parser.readValueAsTree();
                    } else if (field.equals("items") && value == JsonToken.START_ARRAY) {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            item.accept(parser.readValueAsTree());
                        }
                        listed = true;
                    } else {
                        // Some servers say null for an empty list.
                        listed |= field.equals("items") && value == JsonToken.VALUE_NULL;
                        parser.skipChildren();
                    }
                }
                // To the end of the body, so that its connection can be used again.
                if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                    throw new UnreadableException("no list");
                }
            } catch (JsonProcessingException noJson) {
                throw new UnreadableException("no JSON");
            }
            if (!listed || metadata == null) {
                throw new UnreadableException("no list");
            }
            return metadata;
        }

        /// Reads events until the body ends.
        void readEvents(EventHandler handler) throws IOException {
            try (JsonParser parser = mapper.createParser(body)) {
                while (parser.nextToken() != null) {
                    handler.handle(parser.readValueAsTree());
                }
            } catch (JsonProcessingException noJson) {
                throw new UnreadableException("no JSON");
            }
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    interface EventHandler {
        void handle(JsonNode event) throws IOException;
    }

    /// @return null where it is no such object
    <T> @Nullable T read(JsonNode object, Class<T> type) {
        try {
            return mapper.treeToValue(object, type);
        } catch (JsonProcessingException | IllegalArgumentException otherShape) {
            return null;
        }
    }

    /// What was sent is not what was asked for. The message has nothing of it.
    static final class UnreadableException extends IOException {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super("the answer is " + message);
        }
    }

    /// An answer that is an error, or an event that is.
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        private final int status;

        /// @param message the server's own words; null for none
        RefusedException(int status, @Nullable String message) {
            super(message == null ? null : printable(message));
            this.status = status;
        }

        int status() {
            return status;
        }

        private static String printable(String message) {
            String start = message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + '…' : message;
            return start.replaceAll("\\p{Cntrl}", " ");
        }
    }
}
