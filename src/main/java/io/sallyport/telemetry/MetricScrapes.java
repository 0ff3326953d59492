package io.sallyport.telemetry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Renders the metrics for scrapes: compressed, on a thread of its own, one rendering at a time. A scrape that
/// arrives before any of the current rendering has been discarded shares it; a later one waits for the next
/// rendering.
///
/// Rendered bytes are kept only until all who share the rendering have read them, at most [#MOST_HELD]. A reader
/// that has not read for [#LONGEST_STALL] while others wait for it is cut off.
public final class MetricScrapes {
    /// The most compressed bytes of one rendering that are kept.
    static final int MOST_HELD = 2 << 20;

    static final long LONGEST_STALL = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = System.getLogger(MetricScrapes.class.getName());
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(30);
    private static final long LONGEST_READ = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_MILLIS = 100;
    private static final int CHUNK_BYTES = 16 * 1024;
    /// The pause between two pieces, so that event loops get a core at once.
    private static final long PAUSE_NANOS = 50_000;

    private final Exposition exposition;
    private final LongSupplier nanoTime;
    private @Nullable Rendering current;

    /// @param nanoTime a monotonic clock
    public MetricScrapes(Exposition exposition, LongSupplier nanoTime) {
        this.exposition = exposition;
        this.nanoTime = nanoTime;
    }

    /// What one scrape reads: the exposition, compressed with gzip. Reading blocks; closing it early is allowed.
    ///
    /// @param cut called once if this scrape is cut off, on any thread
    /// @throws IOException if no rendering could be begun in time
    public synchronized InputStream open(MetricFormat format, Runnable cut) throws IOException {
        long begin = nanoTime.getAsLong();
        while (nanoTime.getAsLong() - begin <= LONGEST_WAIT) {
            Rendering rendering = current;
            if (rendering == null) {
                rendering = new Rendering(format);
                current = rendering;
                Thread.ofPlatform().daemon().name("sallyport-metrics").start(rendering);
            }
            if (rendering.isShareable(format)) {
                return rendering.share(cut);
            }
            rendering.cutStalled();
            if (current != null) {
                await();
            }
        }
        throw new InterruptedIOException("no rendering of the metrics began within 30 s");
    }

    /// The bytes that the rendering under way keeps.
    synchronized int heldBytes() {
        return current == null ? 0 : current.heldBytes;
    }

    private synchronized void await() throws IOException {
        try {
            wait(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /// One rendering. Everything in it is guarded by the scrapes' lock.
    private final class Rendering extends OutputStream implements Runnable {
        private final MetricFormat format;
        private final List<Reader> readers = new ArrayList<>();
        private final Deque<byte[]> held = new ArrayDeque<>();
        /// How many chunks were dropped from the front of what is held.
        private long dropped;
        private int heldBytes;
        private boolean ended;
        private boolean failed;
        private long endedAt;

        Rendering(MetricFormat format) {
            this.format = format;
        }

        @Override
        public void run() {
            boolean whole = false;
            try (var compressed = new FastGzip(this)) {
                exposition.write(format, compressed);
                compressed.finish();
                whole = true;
            } catch (InterruptedIOException e) {
                // Nobody reads any more.
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "The metrics cannot be rendered", e);
            } finally {
                synchronized (MetricScrapes.this) {
                    end(!whole);
                }
            }
        }

        private void end(boolean broken) {
            if (!ended) {
                ended = true;
                failed = broken;
                endedAt = nanoTime.getAsLong();
            }
            if (readers.isEmpty() && current == this) {
                current = null;
            }
            MetricScrapes.this.notifyAll();
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            synchronized (MetricScrapes.this) {
                while (heldBytes + length > MOST_HELD && !readers.isEmpty() && !dropped()) {
                    cutStalled();
                    await();
                }
                if (readers.isEmpty()) {
                    // Under the same lock, so that no scrape can join a rendering that will not be finished.
                    end(true);
                    throw new InterruptedIOException();
                }
                held.add(Arrays.copyOfRange(bytes, offset, offset + length));
                heldBytes += length;
                MetricScrapes.this.notifyAll();
            }
        }

        /// Drops the oldest chunk where everybody has read it.
        private boolean dropped() {
            for (Reader reader : readers) {
                if (reader.next == dropped) {
                    return false;
                }
            }
            heldBytes -= held.remove().length;
            dropped++;
            return true;
        }

        boolean isShareable(MetricFormat wanted) {
            return wanted == format && !ended && dropped == 0;
        }

        Reader share(Runnable cut) {
            var reader = new Reader(this, cut);
            readers.add(reader);
            return reader;
        }

        /// Cuts off readers that hold up the rendering, or the scrapes that wait for the next one.
        void cutStalled() {
            long now = nanoTime.getAsLong();
            boolean late = ended && now - endedAt > LONGEST_READ;
            for (Reader reader : List.copyOf(readers)) {
                if (late || now - reader.progress > LONGEST_STALL && (ended || reader.next == dropped)) {
                    leave(reader);
                    reader.cut.run();
                }
            }
        }

        void leave(Reader reader) {
            reader.left = true;
            readers.remove(reader);
            if (readers.isEmpty() && ended && current == this) {
                current = null;
            }
            MetricScrapes.this.notifyAll();
        }

        byte @Nullable [] chunk(long index) {
            Iterator<byte[]> chunks = held.iterator();
            for (long i = dropped; i < index && chunks.hasNext(); i++) {
                chunks.next();
            }
            return chunks.hasNext() ? chunks.next() : null;
        }
    }

    private final class Reader extends InputStream {
        private final Rendering rendering;
        private final Runnable cut;
        private long next;
        private long progress = nanoTime.getAsLong();
        private boolean left;
        private boolean done;
        private byte[] chunk = {};
        private int position;

        Reader(Rendering rendering, Runnable cut) {
            this.rendering = rendering;
            this.cut = cut;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (position == chunk.length && !nextChunk()) {
                return -1;
            }
            int count = Math.min(length, chunk.length - position);
            System.arraycopy(chunk, position, into, offset, count);
            position += count;
            return count;
        }

        private boolean nextChunk() throws IOException {
            synchronized (MetricScrapes.this) {
                while (!done) {
                    if (left || rendering.failed) {
                        throw new IOException(left ? "cut off" : "the metrics could not be rendered");
                    }
                    byte[] found = rendering.chunk(next);
                    if (found != null) {
                        chunk = found;
                        position = 0;
                        next++;
                        progress = nanoTime.getAsLong();
                        MetricScrapes.this.notifyAll();
                        return true;
                    }
                    if (rendering.ended) {
                        done = true;
                        close();
                    } else {
                        await();
                        // A reader that waits for the rendering does not stall it.
                        progress = nanoTime.getAsLong();
                    }
                }
                return false;
            }
        }

        @Override
        public void close() {
            synchronized (MetricScrapes.this) {
                if (!left) {
                    rendering.leave(this);
                }
            }
        }
    }

    /// Samples are so alike that a higher level costs time and gains little.
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, CHUNK_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            super.write(bytes, offset, length);
            LockSupport.parkNanos(PAUSE_NANOS);
        }

        /// Writes no trailer: a rendering that failed must not look complete.
        @Override
        public void close() {
            def.end();
        }
    }
}
