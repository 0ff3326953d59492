package io.sallyport.config;

import io.sallyport.config.FileResources.Item;
import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.decode.DocumentDecoder;
import io.sallyport.config.model.DocumentStart;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.validation.ResourceValidator;
import io.sallyport.config.yaml.DocumentText;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlDocument;
import io.sallyport.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The resources of one document of a file and the problems of each. They depend on nothing but the file's name and the
/// document's text, and stay as they are while other documents change, and where this one begins with them.
///
/// Where documents cannot be told from each other without a parser, or anything is wrong with the file itself,
/// the whole of it is taken for one document.
///
/// Not thread-safe.
final class DocumentResources {
    /// Most documents have none.
    private static final ProblemReport NO_PROBLEMS = new ProblemReport();

    private record Asked(Position near, String field) {}

    private final LoadOptions options;
    private final DocumentStart start;
    private final ProblemReport problems;
    private final List<Item> items;
    private final Set<ResourceKind> incomplete;
    private final boolean legible;
    private final boolean empty;
    private final long nodes;
    private Map<Asked, Position> positions = Map.of();
    private SourceFile file;
    /// Null for the whole file.
    private @Nullable DocumentText text;
    /// Decoded again for the first position that is looked up, and dropped after the last: the documents take more
    /// memory than the records, and most need no positions.
    private @Nullable TreeMap<Position, Place> documents;

    private DocumentResources(
            SourceFile file,
            @Nullable DocumentText text,
            DocumentStart start,
            LoadOptions options,
            List<YamlDocument> documents,
            long nodes,
            ProblemReport problems,
            @Nullable Consumer<Place> others) {
        this.file = file;
        this.text = text;
        this.start = start;
        this.options = options;
        this.nodes = nodes;
        this.empty = documents.isEmpty();
        long ofResources = 0;
        Set<ResourceKind> inPart = EnumSet.noneOf(ResourceKind.class);
        List<DecodedResource> decoded = decode(documents, options, problems, others);
        List<Item> found = new ArrayList<>(decoded.size());
        for (DecodedResource each : decoded) {
            long before = problems.errors();
            ResourceValidator.validate(each);
            long errors = each.errors() + problems.errors() - before;
            ofResources += errors;
            found.add(Item.of(each, this, errors == 0));
            if (!each.complete() && each.resource() != null) {
                inPart.add(each.meta().kind());
            }
        }
        this.items = List.copyOf(found);
        this.incomplete = inPart.isEmpty() ? Set.of() : inPart;
        this.problems = problems.isEmpty() ? NO_PROBLEMS : problems;
        this.legible = problems.errors() == ofResources;
    }

    /// The file as one document.
    ///
    /// @param problems gets what is wrong with it
    /// @param others gets the documents that are not for gateways; null where these are reported
    static DocumentResources whole(
            SourceFile file, LoadOptions options, ProblemReport problems, @Nullable Consumer<Place> others) {
        List<YamlDocument> documents = new YamlReader(options.limits()).read(file.name(), file.content(), problems);
        DocumentStart start = new DocumentStart(file.name(), 1);
        return new DocumentResources(file, null, start, options, documents, 0, problems, others);
    }

    /// One document.
    ///
    /// @param reader of this file
    /// @param problems gets what is wrong with it
    /// @return null where it cannot be read by itself
    static @Nullable DocumentResources read(
            SourceFile file,
            DocumentText text,
            LoadOptions options,
            YamlReader.Documents reader,
            ProblemReport problems) {
        DocumentStart start = new DocumentStart(file.name(), text.line());
        long before = reader.nodes();
        List<YamlDocument> documents = reader.read(file.content(), text, start);
        return documents == null
                ? null
                : new DocumentResources(file, text, start, options, documents, reader.nodes() - before, problems, null);
    }

    private static List<DecodedResource> decode(
            List<YamlDocument> documents,
            LoadOptions options,
            ProblemReport problems,
            @Nullable Consumer<Place> others) {
        List<DecodedResource> decoded = new ArrayList<>(documents.size());
        YamlReader within = new YamlReader(options.limits());
        DocumentDecoder decoder =
                new DocumentDecoder(options.defaultNamespace(), within, problems, decoded::add, others);
        documents.forEach(decoder::decode);
        return decoded;
    }

    /// In the document's order.
    List<Item> items() {
        return items;
    }

    ProblemReport problems() {
        return problems;
    }

    /// The kinds of which some resource could be read only in part.
    Set<ResourceKind> incomplete() {
        return incomplete;
    }

    /// See [FileResources#isLegible].
    boolean isLegible() {
        return legible;
    }

    /// Whether there is nothing but comments and blank.
    boolean isEmpty() {
        return empty;
    }

    /// How many nodes it unfolds to.
    long nodes() {
        return nodes;
    }

    /// Where it begins.
    int line() {
        return start.line();
    }

    /// Where it is in its file; null for a whole file.
    @Nullable
    DocumentText place() {
        return text;
    }

    /// Its text, one character a byte; null for a whole file.
    @Nullable
    String text() {
        return text == null ? null : text.bytes(file.content());
    }

    /// Whether it is of the same file and has the same text.
    boolean hasTextOf(DocumentResources other) {
        String own = text();
        return this == other || (own != null && file.name().equals(other.file.name()) && own.equals(other.text()));
    }

    /// Whether it can begin on that line as well: what has been said of it may name lines.
    boolean canMoveTo(int line) {
        return line == start.line() || problems.isEmpty();
    }

    /// Follows its file: the same text now stands there.
    void moveTo(SourceFile next, DocumentText place) {
        file = next;
        text = place;
        if (place.line() != start.line()) {
            start.moveTo(place.line());
            positions = Map.of();
        }
    }

    /// See [SourcePositions#of].
    Position position(Position near, String field) {
        if (positions.isEmpty()) {
            positions = new HashMap<>();
        }
        return positions.computeIfAbsent(new Asked(near, field), this::find);
    }

    private Position find(Asked asked) {
        if (documents == null) {
            documents = byPosition();
        }
        Map.Entry<Position, Place> document = documents.floorEntry(asked.near());
        if (document == null) {
            return asked.near();
        }
        Place place = document.getValue();
        for (String segment : asked.field().split("[.\\[]")) {
            Place next = segment.endsWith("]")
                    ? place.index(Integer.parseInt(segment, 0, segment.length() - 1, 10))
                    : place.field(segment);
            if (!next.isPresent()) {
                return place.at().compareTo(asked.near()) > 0 ? place.at() : asked.near();
            }
            place = next;
        }
        return place.at();
    }

    private TreeMap<Position, Place> byPosition() {
        YamlReader reader = new YamlReader(options.limits());
        ProblemReport ignored = new ProblemReport();
        DocumentStart here = new DocumentStart(file.name(), start.line());
        List<YamlDocument> again = text == null
                ? reader.read(file.name(), file.content(), ignored)
                : reader.documentsOf(file.name()).read(file.content(), text, here);
        TreeMap<Position, Place> places = new TreeMap<>();
        if (again != null) {
            decode(again, options, ignored, null)
                    .forEach(each -> places.put(each.meta().at(), each.document()));
        }
        return places;
    }

    void forgetDocuments() {
        documents = null;
    }
}
