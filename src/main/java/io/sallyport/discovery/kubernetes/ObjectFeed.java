package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.sallyport.discovery.kubernetes.ApiServer.RefusedException;
import io.sallyport.discovery.kubernetes.ApiServer.UnreadableException;
import java.io.IOException;
import java.net.SocketException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Objects of one kind as the API server lists them, and each of their changes. Tries again for as long as it takes;
/// objects that were reported stay known meanwhile.
final class ObjectFeed<T> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ObjectFeed.class);
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;

    /// A watch that is opened in vain so often, which takes some 15 s, gives way to a new list.
    static final int WATCH_ATTEMPTS = 7;
    /// One that lived for less has failed, however it ended.
    private static final Duration SHORTEST_WATCH = Duration.ofSeconds(1);
    /// API servers say each minute what version they have reached (`BOOKMARK`). Where nothing at all is said, the
    /// connection may be dead without a sign.
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(150);

    /// Handles the objects of one kind, on one thread.
    ///
    /// @param put may be called with what has not changed
    record Reader<T>(BiConsumer<ObjectName, T> put, Consumer<ObjectName> remove) {}

    /// What it means that the server refuses to list the objects: that is not tried again at once.
    enum Refusal {
        /// Nothing: it is tried again, as after any other failure.
        NONE,
        /// Where the account may not list them from the beginning, they are left out until it may.
        FORBIDDEN,
        /// Where the server has no such kind, there are none; it may come to have it.
        ABSENT
    }

    /// Which objects are followed.
    ///
    /// @param label of the kind in the plural, or of the one object
    /// @param type that each is read as
    /// @param quotes whether the server's own words may be told; not of what is secret
    record Kind<T>(String label, ObjectPath path, Class<T> type, boolean quotes) {
        Kind(String label, ObjectPath path, Class<T> type) {
            this(label, path, type, true);
        }
    }

    private final ApiServer server;
    private final Kind<T> kind;
    private final Refusal refusal;
    private final Runnable onRefused;
    private final Reader<T> reader;
    private final Runnable onChange;
    private final Thread thread;

    /// Those that were given to the reader. Only the feed's thread changes them.
    private final Set<ObjectName> known = ConcurrentHashMap.newKeySet();
    private volatile boolean listed;
    private volatile boolean refused;
    private volatile boolean watching;
    private volatile boolean closed;
    private volatile @Nullable String lastError;
    /// What the log says of it; null since it was watched. Of the feed's thread.
    private @Nullable String warned;
    /// What is being read; null for nothing.
    private volatile ApiServer.@Nullable Answer reading;

    /// @param refusal which one is no failure
    /// @param onRefused called after that one
    /// @param onChange called after every object, and when all have been listed
    ObjectFeed(
            ApiServer server, Kind<T> kind, Refusal refusal, Runnable onRefused, Reader<T> reader, Runnable onChange) {
        this.server = server;
        this.kind = kind;
        this.refusal = refusal;
        this.onRefused = onRefused;
        this.reader = reader;
        this.onChange = onChange;
        thread = Thread.ofVirtual().name("sallyport-discovery-" + kind.label()).unstarted(this::run);
    }

    String name() {
        return kind.label();
    }

    /// Once.
    void start() {
        thread.start();
    }

    /// All have been reported once, or there are none that could be.
    boolean isSynced() {
        return listed || refused;
    }

    /// The last list had none, and none has come since.
    boolean isEmpty() {
        return listed && !refused && known.isEmpty();
    }

    boolean isWatching() {
        return refused || watching;
    }

    /// Null for nothing.
    @Nullable
    String lastError() {
        String error = lastError;
        if (error == null && !isWatching()) {
            error = isSynced() ? "not watched" : "not listed yet";
        }
        return error == null ? null : name() + ": " + error;
    }

    /// Ends what has not been heard of for too long: it is opened again.
    ///
    /// @param now [System#nanoTime]
    void look(long now) {
        ApiServer.Answer current = reading;
        if (current != null && current.isSilent(now, LONGEST_SILENCE)) {
            LOG.debugf("%s: nothing was heard for %d s", name(), LONGEST_SILENCE.toSeconds());
            end(current);
        }
    }

    private void end(ApiServer.Answer answer) {
        try {
            answer.close();
        } catch (IOException gone) {
            LOG.debugf(gone, "%s: an answer was closed", name());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        ApiServer.Answer current = reading;
        if (current != null) {
            end(current);
        }
    }

    private void run() {
        int failures = 0;
        try {
            while (!closed) {
                long began = System.nanoTime();
                try {
                    watch(list());
                } catch (IOException | RuntimeException | Error failure) {
                    // Nobody else would begin again, also after memory has run out.
                    listFailed(failure);
                }
                // However it came to its end, a list that lasted for long is followed by the next one at once.
                failures = hasLasted(began, server.pace().longestPause()) ? 0 : failures + 1;
                Thread.sleep(refused ? server.pace().absence() : server.pace().after(failures));
            }
        } catch (InterruptedException ended) {
            LOG.debugf("%s are followed no more", name());
        }
    }

    private static boolean hasLasted(long began, Duration duration) {
        return System.nanoTime() - began >= duration.toNanos();
    }

    /// @return the version that was listed
    private String list() throws IOException, InterruptedException {
        Set<ObjectName> there = new HashSet<>();
        // The first may come from a cache; a later one must not know less than what was reported.
        String parameters = listed ? "" : "resourceVersion=0";
        String version;
        String next;
        do {
            JsonNode metadata;
            try (ApiServer.Answer answer = server.list(kind.path(), parameters)) {
                begin(answer);
                metadata = answer.readList(item -> {
                    ObjectName name = put(item);
                    if (name != null) {
                        there.add(name);
                    }
                });
            } finally {
                reading = null;
            }
            version = metadata.path("resourceVersion").asText();
            next = metadata.path("continue").asText();
            parameters = "continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
        } while (!next.isEmpty());
        for (ObjectName name : Set.copyOf(known)) {
            if (!there.contains(name)) {
                remove(name);
            }
        }
        lastError = null;
        listed = true;
        if (refused) {
            refused = false;
            LOG.infof("%s can be listed now", name());
        }
        onChange.run();
        return version;
    }

    /// From now on it can be ended by others, also while it is the body of an error that does not come.
    private void begin(ApiServer.Answer answer) throws IOException {
        reading = answer;
        if (closed) {
            end(answer);
        }
        answer.check();
    }

    /// Follows the changes, until a new list has to tell what they were.
    private void watch(String listedVersion) throws InterruptedException {
        Events events = new Events(listedVersion);
        int failures = 0;
        while (!closed && !events.gone) {
            Long opened = null;
            try (ApiServer.Answer answer = server.watch(kind.path(), events.version)) {
                begin(answer);
                opened = System.nanoTime();
                watching = true;
                lastError = null;
                answer.readEvents(events);
            } catch (RefusedException answer) {
                // An event that is an error ends what the watch can tell.
                events.gone = answer.status() == GONE || opened != null;
                lastError = text(answer);
            } catch (IOException ended) {
                lastError = text(ended);
                LOG.debugf("%s: a watch ended: %s", name(), lastError);
            } finally {
                watching = false;
                reading = null;
            }
            if (opened != null && hasLasted(opened, SHORTEST_WATCH)) {
                failures = 0;
                warned = null;
            } else if (++failures == WATCH_ATTEMPTS) {
                // The list may well succeed, as where the account has no right to watch.
                if (lastError != null) {
                    warn(lastError);
                }
                return;
            }
            if (!events.gone) {
                Thread.sleep(server.pace().after(failures));
            }
        }
    }

    /// What happens, in order, from one version on.
    private final class Events implements ApiServer.EventHandler {
        private String version;
        private boolean gone;

        Events(String version) {
            this.version = version;
        }

        @Override
        public void handle(JsonNode event) throws IOException {
            JsonNode object = event.path("object");
            // Before the reader takes what it wants of the object.
            String reached = object.path("metadata").path("resourceVersion").asText();
            switch (event.path("type").asText()) {
                case "ADDED", "MODIFIED" -> put(object);
                case "DELETED" -> {
                    ObjectName name = nameOf(object);
                    if (name != null) {
                        remove(name);
                    }
                }
                case "ERROR" ->
                    throw new RefusedException(
                            object.path("code").asInt(), object.path("message").textValue());
                default -> {}
            }
            if (!reached.isEmpty()) {
                version = reached;
            }
            onChange.run();
        }
    }

    /// Null where it is not one of those that were asked for.
    private @Nullable ObjectName nameOf(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        String name = metadata.path("name").asText();
        ObjectName full = new ObjectName(metadata.path("namespace").asText(), name);
        if (name.isEmpty() || !kind.path().selects(full)) {
            LOG.warnf("%s: the API server sent an object of another name, which is left out", name());
            return null;
        }
        return full;
    }

    /// An object that cannot be read must not hide the others.
    ///
    /// @return null where it is not one of those that were asked for
    private @Nullable ObjectName put(JsonNode item) {
        ObjectName name = nameOf(item);
        if (name == null || closed) {
            return null;
        }
        T object = server.read(item, kind.type());
        if (object == null) {
            LOG.warnf("%s: %s is left out: it has another shape", name(), name);
            return name;
        }
        known.add(name);
        try {
            reader.put().accept(name, object);
        } catch (RuntimeException unreadable) {
            LOG.warnf(unreadable, "%s: %s is left out", name(), name);
        }
        return name;
    }

    private void remove(ObjectName name) {
        if (!closed && known.remove(name)) {
            reader.remove().accept(name);
        }
    }

    private void listFailed(Throwable failure) {
        if (closed) {
            return;
        }
        if (failure instanceof RefusedException answer && isExpected(answer.status())) {
            lastError = null;
            if (!refused) {
                refused = true;
                onRefused.run();
            }
            onChange.run();
            return;
        }
        lastError = text(failure);
        warn(lastError);
    }

    private void warn(String text) {
        if (!text.equals(warned)) {
            LOG.warnf("%s cannot be watched, trying again: %s", name(), text);
        }
        warned = text;
    }

    /// Objects that are known are not given up for an answer that there is no such kind.
    private boolean isExpected(int status) {
        return switch (refusal) {
            case NONE -> false;
            case FORBIDDEN -> status == FORBIDDEN && !listed;
            case ABSENT -> status == NOT_FOUND && known.isEmpty();
        };
    }

    /// What went wrong, and nothing that could be of an object: messages of parsers have what they could not read.
    private String text(Throwable failure) {
        if (failure instanceof RefusedException answer) {
            String words = answer.getMessage();
            String status = answer.status() == 0
                    ? "an error without a code"
                    : HttpResponseStatus.valueOf(answer.status()).toString();
            String text = words == null || !kind.quotes() ? status : status + ", " + words;
            return answer.status() == FORBIDDEN
                    ? "the gateway's account needs get, list and watch (" + text + ')'
                    : text;
        }
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        boolean telling = cause instanceof UnreadableException
                || cause instanceof SocketException
                || cause instanceof UnknownHostException
                || cause instanceof SSLException
                || cause instanceof HttpTimeoutException;
        String message = cause.getMessage();
        return telling && message != null ? message : cause.getClass().getSimpleName();
    }
}
