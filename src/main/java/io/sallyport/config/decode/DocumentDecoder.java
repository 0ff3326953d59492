package io.sallyport.config.decode;

import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlDocument;
import io.sallyport.config.yaml.YamlNode;
import io.sallyport.config.yaml.YamlReader;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Decodes documents by `apiVersion` and `kind`, and unpacks Kubernetes' `List`.
public final class DocumentDecoder {
    private final String defaultNamespace;
    private final YamlReader reader;
    private final ProblemReport report;
    private final Consumer<DecodedResource> sink;
    private final @Nullable Consumer<Place> others;

    /// @param defaultNamespace of resources without `metadata.namespace`
    /// @param reader of YAML within a document
    /// @param sink is given the resources in their order
    /// @param others is given documents that are clearly not for gateways; null where these are reported as skipped
    public DocumentDecoder(
            String defaultNamespace,
            YamlReader reader,
            ProblemReport report,
            Consumer<DecodedResource> sink,
            @Nullable Consumer<Place> others) {
        this.defaultNamespace = defaultNamespace;
        this.reader = reader;
        this.report = report;
        this.sink = sink;
        this.others = others;
    }

    public void decode(YamlDocument document) {
        if (!document.problems().isEmpty() && !isSkipped(document.root())) {
            report.addAll(document.problems());
        }
        decode(Place.root(document.root(), report));
    }

    private static boolean isSkipped(YamlNode.Mapping document) {
        ProblemReport trial = new ProblemReport();
        Place place = Place.root(document, trial);
        DocumentType type = DocumentType.read(place);
        boolean read = type != null && (type.isList() || type.kindOrReport(place) != null);
        return !read && !trial.hasErrors();
    }

    private void decode(Place document) {
        if (MeshConfigDecoder.isPlain(document)) {
            meshConfig(document);
            return;
        }
        YamlNode.Scalar embedded = MeshConfigDecoder.textWithin(document);
        if (embedded != null) {
            unpack(embedded);
            return;
        }
        if (others != null && DocumentType.isOther(document)) {
            others.accept(document);
            return;
        }
        DocumentType type = DocumentType.read(document);
        if (type == null) {
            return;
        }
        if (type.isList()) {
            unpack(document);
            return;
        }
        ResourceKind kind = type.kindOrReport(document);
        if (kind == null) {
            return;
        }
        long losses = report.losses();
        long errors = report.errors();
        AtomicReference<@Nullable ResourceMeta> certain = new AtomicReference<>();
        Resource resource = ObjectReader.read(document, in -> {
            in.text("apiVersion");
            in.text("kind");
            ResourceMeta meta = MetadataDecoder.read(in, kind, type.apiVersion(), defaultNamespace);
            if (report.errors() == errors) {
                certain.set(meta);
            }
            in.has("status");
            if (!in.has("spec")) {
                document.field("spec").report(ProblemCode.NO_SPEC, "spec is missing", null);
                return null;
            }
            return in.object("spec", spec -> switch (kind) {
                case GATEWAY -> GatewayDecoder.read(meta, spec);
                case VIRTUAL_SERVICE -> VirtualServiceDecoder.read(meta, spec);
                case DESTINATION_RULE -> DestinationRuleDecoder.read(meta, spec);
                case SERVICE_ENTRY -> ServiceEntryDecoder.read(meta, spec, document);
                case AUTHORIZATION_POLICY -> AuthorizationPolicyDecoder.read(meta, spec);
                case PEER_AUTHENTICATION -> PeerAuthenticationDecoder.read(meta, spec);
                case REQUEST_AUTHENTICATION -> RequestAuthenticationDecoder.read(meta, spec);
                case TELEMETRY -> TelemetryDecoder.read(meta, spec);
                default -> throw new IllegalStateException("no decoder for " + kind);
            });
        });
        hand(certain.get(), resource, document, losses, errors);
    }

    /// Where it is not certain which resource it is, its errors are the file's.
    private void hand(
            @Nullable ResourceMeta meta, @Nullable Resource resource, Place document, long losses, long errors) {
        if (meta != null) {
            boolean complete = report.losses() == losses;
            sink.accept(new DecodedResource(meta, resource, document, complete, report.errors() - errors));
        } else if (resource != null) {
            sink.accept(new DecodedResource(resource.meta(), resource, document, report.losses() == losses, 0));
        }
    }

    /// Its text begins on the line behind the one with its key.
    private void unpack(YamlNode.Scalar meshConfig) {
        Position firstLine = meshConfig.at().below(1, 1);
        for (YamlDocument document : reader.readWithin(firstLine, meshConfig.text(), report)) {
            report.addAll(document.problems());
            meshConfig(Place.root(document.root(), report));
        }
    }

    private void meshConfig(Place document) {
        long losses = report.losses();
        long errors = report.errors();
        MeshConfig config = ObjectReader.read(document, MeshConfigDecoder::read);
        hand(config == null ? null : config.meta(), config, document, losses, errors);
    }

    private void unpack(Place list) {
        Place items = list.field("items");
        if (!(items.node() instanceof YamlNode.Sequence sequence)) {
            items.report(ProblemCode.WRONG_TYPE, "items must be a list", null);
            return;
        }
        for (int i = 0; i < sequence.elements().size(); i++) {
            Place item = items.index(i);
            boolean nested = item.node() instanceof YamlNode.Mapping mapping && isList(mapping.get("kind"));
            if (item.node() instanceof YamlNode.Mapping && !nested) {
                decode(item);
            } else {
                item.report(ProblemCode.NOT_A_MAPPING, "an item is a resource", null);
            }
        }
    }

    private static boolean isList(@Nullable YamlNode kind) {
        return kind instanceof YamlNode.Scalar scalar && scalar.text().equals("List");
    }
}
