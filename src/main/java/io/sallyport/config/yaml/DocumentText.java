package io.sallyport.config.yaml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stretch of a file that begins with a document's mark, or with the file, and ends before the next mark. What
/// it holds is the same whether it is read by itself or with the whole file: no scalar goes over a line that
/// begins with `---` (YAML 1.2.2, 9.1.2: `c-forbidden`), and anchors end with their document.
///
/// @param from first byte in the file
/// @param to the byte behind the last
/// @param line on which it begins, from 1
public record DocumentText(int from, int to, int line) {
    private static final byte[] BYTE_ORDER_MARK = "\uFEFF".getBytes(StandardCharsets.UTF_8);
    private static final int MARK = 3;

    /// Divides a file; null where only a parser can: directives are for the document after them, and there are line
    /// breaks other than LF and CR LF, or byte order marks within the file.
    public static @Nullable List<DocumentText> split(byte[] file) {
        List<DocumentText> texts = new ArrayList<>();
        int from = beginsWith(file, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
        int firstLine = 1;
        int line = 1;
        boolean atLineStart = true;
        for (int i = from; i < file.length; i++) {
            byte b = file[i];
            if (atLineStart && b == '%'
                    || b == '\r' && !(i + 1 < file.length && file[i + 1] == '\n')
                    || b == BYTE_ORDER_MARK[0] && beginsWith(file, i, BYTE_ORDER_MARK)) {
                return null;
            }
            if (atLineStart && b == '-' && i > from && isMark(file, i)) {
                texts.add(new DocumentText(from, i, firstLine));
                from = i;
                firstLine = line;
            }
            atLineStart = b == '\n';
            line += atLineStart ? 1 : 0;
        }
        texts.add(new DocumentText(from, file.length, firstLine));
        return texts;
    }

    private static boolean isMark(byte[] file, int at) {
        for (int i = at; i < at + MARK; i++) {
            if (i >= file.length || file[i] != '-') {
                return false;
            }
        }
        int end = at + MARK;
        return end == file.length || file[end] == ' ' || file[end] == '\t' || file[end] == '\r' || file[end] == '\n';
    }

    private static boolean beginsWith(byte[] file, int at, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (at + i >= file.length || file[at + i] != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /// The bytes, one a character: equal where they are.
    public String bytes(byte[] file) {
        return new String(file, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
