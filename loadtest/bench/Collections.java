package bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Collections of garbage that a peer has printed on its standard output, as JVMs and native images do.
///
/// @param count of them
/// @param allocatedBytes between the first and the last
/// @param longestPauseMillis NaN where there was none
record Collections(int count, double allocatedBytes, double longestPauseMillis) {
    private static final Pattern LINE =
            Pattern.compile("Pause.* ([0-9.]+)M->([0-9.]+)M(?:\\([0-9.]+M\\))? ([0-9.]+)ms");
    private static final double MEGABYTE = 1 << 20;

    /// @param from where to begin in the file, bytes
    static Collections read(Path output, long from) throws IOException {
        byte[] bytes;
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            file.seek(from);
            bytes = new byte[(int) Math.max(0, file.length() - from)];
            file.readFully(bytes);
        }
        int count = 0;
        double allocated = 0;
        double after = 0;
        double longest = Double.NaN;
        Matcher line = LINE.matcher(new String(bytes, StandardCharsets.US_ASCII));
        while (line.find()) {
            if (count++ > 0) {
                allocated += Double.parseDouble(line.group(1)) - after;
            }
            after = Double.parseDouble(line.group(2));
            double pause = Double.parseDouble(line.group(3));
            longest = Double.isNaN(longest) ? pause : Math.max(longest, pause);
        }
        return new Collections(count, allocated * MEGABYTE, longest);
    }

    /// Bytes for each of that many requests; what lies before the first and behind the last collection is taken to be
    /// like the rest.
    double bytesEach(long requests) {
        return count < 2 ? Double.NaN : allocatedBytes * count / (count - 1) / requests;
    }
}
