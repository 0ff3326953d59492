package io.sallyport.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;

/// Writes samples as the text of an exposition. Its own memory is one buffer and the label set at hand.
final class MetricText implements MetricWriter {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final byte[] TOTAL = bytes("_total");
    private static final byte[] BUCKET = bytes("_bucket");
    private static final byte[] COUNT = bytes("_count");
    private static final byte[] SUM = bytes("_sum");
    private static final byte[] INFINITE = bound(Double.POSITIVE_INFINITY);
    private static final byte[] UPPER_BOUND = bytes("le=\"");
    private static final byte[] NOTHING = {};

    /// From here on a double cannot hold tenths, and is written with an exponent.
    private static final long MOST_EXACT = 1L << 53;

    private final MetricFormat format;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int length;
    private byte[] labels = new byte[1024];
    private int labelsLength;
    private byte[] family = NOTHING;
    private byte[] suffix = NOTHING;

    MetricText(MetricFormat format, OutputStream out) {
        this.format = format;
        this.out = out;
    }

    @Override
    public void family(String name, Type type, String help) throws IOException {
        family = bytes(name);
        suffix = type == Type.COUNTER ? TOTAL : NOTHING;
        // OpenMetrics names the family of a counter without its suffix, Prometheus' own format with it.
        String shown = type == Type.COUNTER && format == MetricFormat.TEXT ? name + "_total" : name;
        put(bytes("# HELP " + shown + ' ' + escaped(help) + "\n# TYPE " + shown + ' '
                + type.name().toLowerCase(Locale.ROOT) + '\n'));
    }

    /// Only OpenMetrics has quotes escaped there.
    private String escaped(String help) {
        String text = help.replace("\\", "\\\\").replace("\n", "\\n");
        return format == MetricFormat.TEXT ? text : text.replace("\"", "\\\"");
    }

    @Override
    public MetricWriter labels() {
        labelsLength = 0;
        return this;
    }

    /// Prometheus sees by itself what begins anew: it is less than before.
    @Override
    public MetricWriter since(long millis) {
        return this;
    }

    @Override
    public MetricWriter label(String name, String value) {
        // Three bytes a character at most, two where it is escaped.
        int most = labelsLength + name.length() + 3 * value.length() + 4;
        if (most > labels.length) {
            labels = Arrays.copyOf(labels, Math.max(most, 2 * labels.length));
        }
        ascii(name);
        labels[labelsLength++] = '=';
        labels[labelsLength++] = '"';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0x7e) {
                byte[] rest = value.substring(i)
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .getBytes(UTF_8);
                System.arraycopy(rest, 0, labels, labelsLength, rest.length);
                labelsLength += rest.length;
                break;
            }
            escaped(c);
        }
        labels[labelsLength++] = '"';
        labels[labelsLength++] = ',';
        return this;
    }

    private void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            labels[labelsLength++] = (byte) text.charAt(i);
        }
    }

    private void escaped(char c) {
        switch (c) {
            case '\\', '"' -> {
                labels[labelsLength++] = '\\';
                labels[labelsLength++] = (byte) c;
            }
            case '\n' -> {
                labels[labelsLength++] = '\\';
                labels[labelsLength++] = 'n';
            }
            default -> labels[labelsLength++] = (byte) c;
        }
    }

    @Override
    public void sample(double value) throws IOException {
        begin(suffix, NOTHING);
        end(value);
    }

    @Override
    public void histogram(BucketBounds bounds, long[] counts, double sum) throws IOException {
        long count = 0;
        for (int i = 0; i < bounds.size(); i++) {
            count += counts[i];
            begin(BUCKET, bounds.text(i));
            end(count);
        }
        count += counts[bounds.size()];
        begin(BUCKET, INFINITE);
        end(count);
        summary(count, sum);
    }

    @Override
    public void summary(long count, double sum) throws IOException {
        begin(COUNT, NOTHING);
        end(count);
        begin(SUM, NOTHING);
        end(sum);
    }

    /// Ends the exposition.
    void close() throws IOException {
        if (format == MetricFormat.OPEN_METRICS) {
            put(bytes("# EOF\n"));
        }
        flush();
    }

    /// An upper bound as a label's value.
    static byte[] bound(double bound) {
        return bytes(number(bound));
    }

    private void begin(byte[] end, byte[] bound) throws IOException {
        put(family);
        put(end);
        if (labelsLength == 0 && bound.length == 0) {
            return;
        }
        put('{');
        if (bound.length == 0) {
            // OpenMetrics allows no comma behind the last label.
            put(labels, labelsLength - 1);
        } else {
            put(labels, labelsLength);
            put(UPPER_BOUND);
            put(bound);
            put('"');
        }
        put('}');
    }

    private void end(double value) throws IOException {
        put(' ');
        long whole = (long) value;
        if (whole == value && Math.abs(whole) < MOST_EXACT) {
            digits(whole);
            put('.');
            put('0');
        } else {
            put(bytes(number(value)));
        }
        put('\n');
    }

    private void digits(long value) throws IOException {
        if (value < 0) {
            put('-');
            digits(-value);
            return;
        }
        if (value >= 10) {
            digits(value / 10);
        }
        put((char) ('0' + value % 10));
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.toString(value);
    }

    private void put(char c) throws IOException {
        if (length == BUFFER_BYTES) {
            flush();
        }
        buffer[length++] = (byte) c;
    }

    private void put(byte[] bytes) throws IOException {
        put(bytes, bytes.length);
    }

    private void put(byte[] bytes, int count) throws IOException {
        if (count > BUFFER_BYTES - length) {
            flush();
            if (count > BUFFER_BYTES) {
                out.write(bytes, 0, count);
                return;
            }
        }
        System.arraycopy(bytes, 0, buffer, length, count);
        length += count;
    }

    private void flush() throws IOException {
        out.write(buffer, 0, length);
        length = 0;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
