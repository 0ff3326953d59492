package io.sallyport.config.yaml;

import io.sallyport.config.model.DocumentStart;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads the documents of one YAML 1.2 or JSON file. A broken document is reported and the next one is read, so that
/// one slip does not hide what else is wrong. Never throws on any content.
public final class YamlReader {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final YamlLimits limits;

    public YamlReader(YamlLimits limits) {
        this.limits = limits;
    }

    private static LoadSettings settings(String text) {
        return LoadSettings.builder()
                .setUseMarks(true)
                .setParseComments(false)
                // The byte limit is ours; the library's own would count code points across all documents.
                .setCodePointLimit(Integer.MAX_VALUE)
                // The scanner copies a scalar again for every buffer that it fills: few large ones keep that linear.
                .setBufferSize(Math.clamp(text.length() / 16, 1024, 1 << 20))
                .build();
    }

    /// The file's documents that are mappings, with their problems; all else is reported.
    ///
    /// @param file name for positions
    public List<YamlDocument> read(String file, byte[] content, ProblemReport report) {
        if (content.length > limits.maxFileBytes()) {
            String message = "the file has more than " + limits.maxFileBytes() + " bytes";
            report.add(ProblemCode.FILE_TOO_LARGE, Position.of(file), "", message, "divide it");
            return List.of();
        }
        String text = decode(file, content, report);
        if (text == null) {
            return List.of();
        }
        if (text.isBlank()) {
            report.add(ProblemCode.EMPTY_FILE, Position.of(file), "", "the file is empty", "delete it if it is meant");
            return List.of();
        }
        List<YamlDocument> documents = new ArrayList<>();
        boolean sound = readAll(new Position(file, 1, 1), text, report, documents);
        if (sound && documents.isEmpty()) {
            String message = "the file holds no document";
            report.add(ProblemCode.NO_DOCUMENT, Position.of(file), "", message, "delete it if it is meant");
        }
        return documents;
    }

    /// The same of a text that stands within a document.
    ///
    /// @param firstLine where the text begins
    public List<YamlDocument> readWithin(Position firstLine, String text, ProblemReport report) {
        List<YamlDocument> documents = new ArrayList<>();
        readAll(firstLine, text, report, documents);
        return documents;
    }

    /// For reading a file document by document.
    public Documents documentsOf(String file) {
        return new Documents(file);
    }

    /// Reads the documents of one file, each by itself.
    public final class Documents {
        private final ProblemReport problems = new ProblemReport();
        private final NodeComposer composer;

        private Documents(String file) {
            composer = new NodeComposer(new Position(file, 1, 1), limits, problems);
        }

        /// What a stretch of the file holds, or null where anything is wrong with its YAML, other than what a
        /// [YamlDocument] has: the whole file has to be read then.
        public @Nullable List<YamlDocument> read(byte[] content, DocumentText part, DocumentStart start) {
            String text = text(content, part);
            List<YamlDocument> documents = new ArrayList<>();
            composer.startAt(Position.of(start));
            return text != null && readFrom(text, composer, documents) == null && problems.isEmpty() ? documents : null;
        }

        /// How many nodes there have been.
        public long nodes() {
            return composer.nodes();
        }
    }

    private static @Nullable String text(byte[] content, DocumentText part) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content, part.from(), part.to() - part.from()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// The text without its byte order mark, or null when it is not strict UTF-8 (RFC 3629): a wrong byte is reported,
    /// never replaced.
    private static @Nullable String decode(String file, byte[] content, ProblemReport report) {
        ByteBuffer in = ByteBuffer.wrap(content);
        CharBuffer out = CharBuffer.allocate(content.length + 1);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            TextCursor place = new TextCursor(text);
            place.advance(text.length());
            String message = "byte 0x%02X is not UTF-8".formatted(content[in.position()] & 0xFF);
            Position at = new Position(file, place.line(), place.column());
            report.add(ProblemCode.NOT_UTF8, at, "", message, "save the file as UTF-8");
            return null;
        }
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /// Whether every document was read.
    private boolean readAll(Position firstLine, String text, ProblemReport report, List<YamlDocument> documents) {
        TextCursor cursor = new TextCursor(text);
        NodeComposer composer = new NodeComposer(firstLine, limits, report);
        boolean sound = true;
        for (int errors = 0; errors < limits.maxSyntaxErrors(); errors++) {
            int before = cursor.line() - 1;
            composer.startAt(firstLine.below(before, 1));
            YamlSyntaxException failure = readFrom(cursor.rest(), composer, documents);
            if (failure == null) {
                return sound && !composer.rejectedDocument();
            }
            sound = false;
            composer.abandonDocument();
            Position at = firstLine.below(before + failure.line, failure.column + 1);
            report.add(failure.code, at, "", failure.explanation, failure.hint);
            if (!failure.recoverable || !cursor.skipToDocumentAfter(before + failure.line + 1)) {
                return false;
            }
        }
        return false;
    }

    private @Nullable YamlSyntaxException readFrom(String text, NodeComposer composer, List<YamlDocument> documents) {
        try {
            composer.compose(new Parse(settings(text)).parseString(text), documents);
            return null;
        } catch (YamlSyntaxException e) {
            return e;
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            String context = e.getContext() == null ? "" : e.getContext() + ", ";
            return YamlSyntaxException.broken(
                    mark.map(Mark::getLine).orElse(0), mark.map(Mark::getColumn).orElse(0), context + e.getProblem());
        } catch (ReaderException e) {
            TextCursor place = new TextCursor(text);
            place.advance(text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length()))));
            String message = "character U+%04X is not allowed".formatted(e.getCodePoint());
            return YamlSyntaxException.broken(place.line() - 1, place.column() - 1, message);
        } catch (YamlEngineException | IndexOutOfBoundsException | IllegalArgumentException | ClassCastException e) {
            // The parser's own slips on odd text, such as an escape beyond Unicode, are the text's fault.
            return YamlSyntaxException.broken(composer.line(), 0, "the YAML cannot be parsed: " + e.getMessage());
        }
    }
}
