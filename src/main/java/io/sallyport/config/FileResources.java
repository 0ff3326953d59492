package io.sallyport.config;

import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.source.ContentHash;
import io.sallyport.config.yaml.DocumentText;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The resources of one file and the problems of each. They depend on nothing but the file's name and content, and so
/// stay valid for as long as these do.
///
/// A file that has changed is read document by document, and those whose text is what it was are not decoded again.
///
/// Not thread-safe.
public final class FileResources {
    /// One resource of the file.
    ///
    /// @param resource null where it could not be read at all
    /// @param document that it is of
    /// @param path of the resource within its YAML document: `""` except in a `List`
    /// @param complete false when a part of it could not be read
    /// @param sound whether it has no errors by itself
    public record Item(
            ResourceMeta meta,
            @Nullable Resource resource,
            DocumentResources document,
            String path,
            boolean complete,
            boolean sound) {
        static Item of(DecodedResource decoded, DocumentResources document, boolean sound) {
            return new Item(
                    decoded.meta(),
                    decoded.resource(),
                    document,
                    decoded.document().path(),
                    decoded.complete(),
                    sound);
        }

        /// As [ResourceMeta#id()], `VirtualService default/payments`; `""` for a resource without a name.
        public String id() {
            return meta.name().isEmpty() ? "" : meta.id();
        }

        /// Whether another version of the resource, from the same file, says the same.
        public boolean saysTheSame(Item other) {
            return sound && resource != null && (document.hasTextOf(other.document) || resource.equals(other.resource));
        }
    }

    /// So many are read by one processor.
    private static final int FEW_DOCUMENTS = 50;

    private final SourceFile file;
    private final LoadOptions options;
    private final byte[] digest;
    private final ProblemReport problems;
    private final List<DocumentResources> documents;
    private final List<Item> items;
    private final boolean legible;
    private final Set<ResourceKind> incomplete;
    /// Made when first asked for.
    private @Nullable Map<String, Item> byId;

    private @Nullable FileResources renamed;

    private FileResources(
            SourceFile file, LoadOptions options, ProblemReport problems, List<DocumentResources> documents) {
        this.file = file;
        this.options = options;
        this.problems = problems;
        this.documents = documents;
        this.digest = ContentHash.digest(file);
        this.legible = documents.stream().allMatch(DocumentResources::isLegible);
        // Most files are one document.
        if (documents.size() == 1) {
            this.items = documents.getFirst().items();
            this.incomplete = documents.getFirst().incomplete();
        } else {
            this.items =
                    documents.stream().flatMap(each -> each.items().stream()).toList();
            this.incomplete = documents.stream()
                    .flatMap(each -> each.incomplete().stream())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /// The resources of one file by itself.
    public static FileResources of(SourceFile file, LoadOptions options) {
        return read(file, options, new ProblemReport(), null);
    }

    /// @param report of the whole reading: problems are kept as far as it has room for them, but not yet added to it
    /// @param before the same file as it was; null where it is new
    static FileResources read(
            SourceFile file, LoadOptions options, ProblemReport report, @Nullable FileResources before) {
        return read(file, options, report, before, 1);
    }

    /// The same of a new file, of which processors that have nothing else to do each read a part.
    static FileResources readAtOnce(SourceFile file, LoadOptions options, ProblemReport report) {
        return read(file, options, report, null, Runtime.getRuntime().availableProcessors());
    }

    private static FileResources read(
            SourceFile file, LoadOptions options, ProblemReport report, @Nullable FileResources before, int parts) {
        FileResources read = readEach(file, options, report, KnownDocuments.of(before), parts);
        return read != null ? read : readWhole(file, options, report, null);
    }

    /// The same of manifests, where documents that are not for gateways are nothing to report.
    ///
    /// @param others is given these
    static FileResources readManifests(
            SourceFile file, LoadOptions options, ProblemReport report, Consumer<Place> others) {
        return readWhole(file, options, report, others);
    }

    /// @param others null where documents that are not for gateways are reported
    static FileResources readWhole(
            SourceFile file, LoadOptions options, ProblemReport report, @Nullable Consumer<Place> others) {
        ProblemReport problems = report.forPart();
        DocumentResources all = DocumentResources.whole(file, options, problems, others);
        return new FileResources(file, options, problems, List.of(all));
    }

    /// Document by document; null where something is wrong with the file itself, which only a reading of all of it can
    /// tell.
    private static @Nullable FileResources readEach(
            SourceFile file, LoadOptions options, ProblemReport report, KnownDocuments before, int parts) {
        List<DocumentText> texts =
                file.content().length > options.limits().maxFileBytes() ? null : DocumentText.split(file.content());
        if (texts == null) {
            return null;
        }
        List<@Nullable DocumentResources> known = before.in(file.content(), texts);
        List<DocumentResources> documents = readDocuments(file, options, report, texts, known, parts);
        if (documents == null) {
            return null;
        }
        ProblemReport problems = report.forPart();
        long nodes = 0;
        boolean empty = true;
        for (DocumentResources document : documents) {
            nodes += document.nodes();
            empty &= document.isEmpty();
            problems.addAll(document.problems());
        }
        if (empty || nodes > options.limits().maxNodes() || !problems.isComplete()) {
            return null;
        }
        for (int i = 0; i < documents.size(); i++) {
            documents.get(i).moveTo(file, texts.get(i));
        }
        return new FileResources(file, options, problems, List.copyOf(documents));
    }

    /// Null where one of them cannot be read by itself.
    private static @Nullable List<DocumentResources> readDocuments(
            SourceFile file,
            LoadOptions options,
            ProblemReport report,
            List<DocumentText> texts,
            List<@Nullable DocumentResources> known,
            int parts) {
        int size = Math.max(FEW_DOCUMENTS, texts.size() / parts + 1);
        if (texts.size() <= size) {
            return readPart(file, options, report, texts, known);
        }
        List<Optional<List<DocumentResources>>> read = IntStream.range(0, (texts.size() + size - 1) / size)
                .parallel()
                .mapToObj(part -> {
                    int from = part * size;
                    int to = Math.min(texts.size(), from + size);
                    return Optional.ofNullable(
                            readPart(file, options, report, texts.subList(from, to), known.subList(from, to)));
                })
                .toList();
        List<DocumentResources> documents = new ArrayList<>(texts.size());
        for (Optional<List<DocumentResources>> part : read) {
            if (part.isEmpty()) {
                return null;
            }
            documents.addAll(part.get());
        }
        return documents;
    }

    private static @Nullable List<DocumentResources> readPart(
            SourceFile file,
            LoadOptions options,
            ProblemReport report,
            List<DocumentText> texts,
            List<@Nullable DocumentResources> known) {
        YamlReader.Documents reader = new YamlReader(options.limits()).documentsOf(file.name());
        ProblemReport problems = report.forPart();
        List<DocumentResources> documents = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            DocumentText text = texts.get(i);
            DocumentResources document = known.get(i);
            if (document == null || !document.canMoveTo(text.line())) {
                document = DocumentResources.read(file, text, options, reader, problems.forPart());
            }
            if (document == null || !document.isLegible()) {
                return null;
            }
            problems.addAll(document.problems());
            documents.add(document);
        }
        return documents;
    }

    List<DocumentResources> documents() {
        return documents;
    }

    public String name() {
        return file.name();
    }

    /// The file itself.
    public SourceFile source() {
        return file;
    }

    /// False where errors are not of certain resources: broken YAML, a name or a kind that is no such. Then nobody can
    /// say what the file is to hold.
    public boolean isLegible() {
        return legible;
    }

    /// The same content under another name, for positions. The last one is kept.
    public FileResources as(String name) {
        FileResources known = renamed;
        if (known == null || !known.name().equals(name)) {
            known = of(new SourceFile(name, file.content()), options);
            renamed = known;
        }
        return known;
    }

    /// The first sound resource with that id, or null.
    public @Nullable Item item(String id) {
        Map<String, Item> known = byId;
        if (known == null) {
            known = HashMap.newHashMap(items.size());
            for (Item item : items) {
                if (item.sound()) {
                    known.putIfAbsent(item.id(), item);
                }
            }
            byId = known;
        }
        return known.get(id);
    }

    /// Whether reading this file would give the same again.
    boolean isOf(String name, byte[] content) {
        boolean sameContent = file.content() == content || Arrays.equals(file.content(), content);
        return problems.isComplete() && file.name().equals(name) && sameContent;
    }

    /// SHA-256 of its name within the directory and its content.
    public byte[] digest() {
        return digest;
    }

    /// In the file's order.
    public List<Item> items() {
        return items;
    }

    ProblemReport problems() {
        return problems;
    }

    /// The kinds of which some resource could be read only in part.
    Set<ResourceKind> incomplete() {
        return incomplete;
    }

    /// See [SourcePositions#of].
    public Position position(Position near, String field) {
        int low = 0;
        for (int high = documents.size(); high - low > 1; ) {
            int middle = (low + high) >>> 1;
            if (documents.get(middle).line() <= near.line()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return documents.get(low).position(near, field);
    }

    /// Drops what only [#position] needs; positions that it has not found before are then slow.
    public void forgetDocuments() {
        documents.forEach(DocumentResources::forgetDocuments);
    }
}
