package io.sallyport.config;

import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.decode.DocumentDecoder;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.source.ContentHash;
import io.sallyport.config.validation.ResourceValidator;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The resources of one file and the problems of each. They depend on nothing but the file's name and content, and so
/// stay valid for as long as these do.
///
/// Not thread-safe.
public final class FileResources {
    /// One resource of the file.
    ///
    /// @param resource null where it could not be read at all
    /// @param path of the resource within its YAML document: `""` except in a `List`
    /// @param complete false when a part of it could not be read
    /// @param sound whether it has no errors by itself
    public record Item(ResourceMeta meta, @Nullable Resource resource, String path, boolean complete, boolean sound) {
        private static Item of(DecodedResource decoded, boolean sound) {
            return new Item(
                    decoded.meta(), decoded.resource(), decoded.document().path(), decoded.complete(), sound);
        }

        /// For messages, `VirtualService default/payments`; `""` for a resource without a name.
        public String id() {
            return meta.name().isEmpty() ? "" : meta.toString();
        }
    }

    private record Asked(Position near, String field) {}

    private final SourceFile file;
    private final LoadOptions options;
    private final byte[] digest;
    private final ProblemReport problems;
    private final List<Item> items;
    private final boolean legible;
    /// Filled when first asked for.
    private final Map<String, Item> byId = new HashMap<>();

    private @Nullable FileResources renamed;
    private final Set<ResourceKind> incomplete = EnumSet.noneOf(ResourceKind.class);
    private final Map<Asked, Position> positions = new HashMap<>();
    /// Decoded again for the first position that is looked up, and dropped after the last: the documents take more
    /// memory than the records, and most files need no positions.
    private @Nullable TreeMap<Position, Place> documents;

    private FileResources(
            SourceFile file, LoadOptions options, ProblemReport problems, @Nullable Consumer<Place> others) {
        this.file = file;
        this.options = options;
        this.problems = problems;
        this.digest = ContentHash.digest(file);
        List<DecodedResource> decoded = decode(file, options, problems, others);
        long ofResources = 0;
        List<Item> found = new ArrayList<>(decoded.size());
        for (DecodedResource each : decoded) {
            long before = problems.errors();
            ResourceValidator.validate(each);
            long errors = each.errors() + problems.errors() - before;
            ofResources += errors;
            found.add(Item.of(each, errors == 0));
            if (!each.complete() && each.resource() != null) {
                incomplete.add(each.meta().kind());
            }
        }
        this.items = List.copyOf(found);
        this.legible = problems.errors() == ofResources;
    }

    /// The resources of one file by itself.
    public static FileResources of(SourceFile file, LoadOptions options) {
        return new FileResources(file, options, new ProblemReport(), null);
    }

    /// @param report of the whole reading: problems are kept as far as it has room for them, but not yet added to it
    static FileResources read(SourceFile file, LoadOptions options, ProblemReport report) {
        return new FileResources(file, options, report.forPart(), null);
    }

    /// The same of manifests, where documents that are not for gateways are nothing to report.
    ///
    /// @param others is given these
    static FileResources readManifests(
            SourceFile file, LoadOptions options, ProblemReport report, Consumer<Place> others) {
        return new FileResources(file, options, report.forPart(), others);
    }

    private static List<DecodedResource> decode(
            SourceFile file, LoadOptions options, ProblemReport problems, @Nullable Consumer<Place> others) {
        List<DecodedResource> decoded = new ArrayList<>();
        YamlReader reader = new YamlReader(options.limits());
        DocumentDecoder decoder =
                new DocumentDecoder(options.defaultNamespace(), reader, problems, decoded::add, others);
        reader.read(file.name(), file.content(), problems).forEach(decoder::decode);
        return decoded;
    }

    private static TreeMap<Position, Place> byPosition(List<DecodedResource> decoded) {
        TreeMap<Position, Place> documents = new TreeMap<>();
        decoded.forEach(each -> documents.put(each.meta().at(), each.document()));
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
        if (byId.isEmpty()) {
            items.stream().filter(Item::sound).forEach(item -> byId.putIfAbsent(item.id(), item));
        }
        return byId.get(id);
    }

    /// Whether reading this file would give the same again.
    boolean isOf(SourceFile other) {
        boolean sameContent = file.content() == other.content() || Arrays.equals(file.content(), other.content());
        return problems.isComplete() && file.name().equals(other.name()) && sameContent;
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
        return positions.computeIfAbsent(new Asked(near, field), this::find);
    }

    private Position find(Asked asked) {
        if (documents == null) {
            documents = byPosition(decode(file, options, new ProblemReport(), null));
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

    /// Drops what only [#position] needs; positions that it has not found before are then slow.
    public void forgetDocuments() {
        documents = null;
    }
}
