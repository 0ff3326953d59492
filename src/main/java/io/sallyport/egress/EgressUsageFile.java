package io.sallyport.egress;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps [EgressUsage] over restarts, in a JSON file that is replaced as a whole. What goes wrong with it is logged and
/// costs the figures, never the gateway.
public final class EgressUsageFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EgressUsageFile.class.getName());
    private static final long PERIOD_SECONDS = 60;
    private static final int VERSION = 1;
    /// Far above what the bounds of [EgressUsage] allow.
    private static final long MOST_BYTES = 256L << 20;

    private final Path file;
    private final EgressUsage usage;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-egress-usage").factory());
    private String written = "";
    private boolean failing;

    private EgressUsageFile(Path file, EgressUsage usage) {
        this.file = file;
        this.usage = usage;
    }

    /// Reads the file where there is one, and writes it each minute from now on where something has changed.
    public static EgressUsageFile open(Path file, EgressUsage usage) {
        var opened = new EgressUsageFile(file, usage);
        opened.read();
        // At once as well: that it cannot be written is better known at the start than after a minute.
        opened.timer.scheduleWithFixedDelay(opened::save, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
        return opened;
    }

    private void read() {
        if (isOther()) {
            LOG.log(Level.DEBUG, "The first save will say that {0} is no regular file", file);
            return;
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new DecodeException("it is larger than " + MOST_BYTES + " bytes");
            }
            JsonObject content = new JsonObject(Files.readString(file));
            if (content.getInteger("version", 0) != VERSION) {
                throw new DecodeException("its version is not " + VERSION);
            }
            long since = Instant.parse(content.getString("since", "")).toEpochMilli();
            usage.remember(since, uses(content.getJsonArray("listed")), uses(content.getJsonArray("learned")));
        } catch (NoSuchFileException e) {
            LOG.log(Level.DEBUG, "There is no egress usage yet: {0}", file);
        } catch (IOException | RuntimeException e) {
            putAside(e);
        }
    }

    /// Whether there is something by that name that is none of its files, and stays as it is.
    private boolean isOther() {
        return Files.exists(file) && !Files.isRegularFile(file);
    }

    private void putAside(Exception why) {
        Path aside = file.resolveSibling(file.getFileName() + ".broken");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.log(Level.ERROR, "The egress usage in {0} cannot be read and is now {1}: {2}", file, aside, why);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "The egress usage in {0} cannot be read: {1}", file, why);
        }
    }

    /// Writes what has changed, if anything has. Calls follow one another.
    void save() {
        Exception failure = failure();
        if (failure != null) {
            LOG.log(
                    Level.ERROR,
                    "The egress usage cannot be written to {0}: {1}; it is tried again each minute",
                    file,
                    failure);
        }
    }

    /// Saves; returns why that failed, unless it did the last time, too.
    private synchronized @Nullable Exception failure() {
        try {
            String content = content().encodePrettily();
            if (!content.equals(written)) {
                write(content);
                written = content;
            }
            failing = false;
            return null;
        } catch (IOException | RuntimeException e) {
            boolean known = failing;
            failing = true;
            return known ? null : e;
        }
    }

    private void write(String content) throws IOException {
        if (isOther()) {
            throw new IOException("it is no regular file");
        }
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, content);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private JsonObject content() {
        return new JsonObject()
                .put("version", VERSION)
                .put("since", Instant.ofEpochMilli(usage.sinceMillis()).toString())
                .put("listed", array(usage.listed()))
                .put("learned", array(usage.learned()));
    }

    private static JsonArray array(List<EgressUse> uses) {
        var array = new JsonArray();
        uses.forEach(use -> array.add(use.json()));
        return array;
    }

    private static List<EgressUse> uses(JsonArray array) {
        var uses = new ArrayList<EgressUse>();
        for (int i = 0; i < array.size(); i++) {
            uses.add(EgressUse.read(array.getJsonObject(i)));
        }
        return uses;
    }

    /// Writes for the last time.
    @Override
    public void close() {
        timer.shutdown();
        save();
    }
}
