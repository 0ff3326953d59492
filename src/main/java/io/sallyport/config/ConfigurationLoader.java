package io.sallyport.config;

import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.decode.DocumentDecoder;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.UnsupportedPolicy;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.ShapeProblem;
import io.sallyport.config.validation.ResourceValidator;
import io.sallyport.config.yaml.YamlReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a configuration directory into records and reports every problem of every file at once. It never throws on
/// what a directory holds.
public final class ConfigurationLoader {
    private ConfigurationLoader() {}

    /// Reads one whole generation of the directory.
    public static LoadResult load(Path directory, LoadOptions options) {
        ProblemReport report = new ProblemReport();
        DirectoryGeneration generation = new ConfigurationDirectory(directory, options).read(report);
        if (generation == null) {
            return new LoadResult(Configuration.EMPTY, report.toList(), "", SourcePositions.NONE);
        }
        return resources(directory.toString(), generation, options, report);
    }

    /// Reads what stands in for a directory, by the same rules.
    ///
    /// @param place as problems name it
    /// @param all in any order; null where there is no such place
    public static LoadResult load(String place, @Nullable List<SourceFile> all, LoadOptions options) {
        ProblemReport report = new ProblemReport();
        DirectoryGeneration generation = DirectoryGeneration.of(place, all, options, report);
        return generation == null
                ? new LoadResult(Configuration.EMPTY, report.toList(), "", SourcePositions.NONE)
                : resources(place, generation, options, report);
    }

    private static LoadResult resources(
            String place, DirectoryGeneration generation, LoadOptions options, ProblemReport report) {
        List<DecodedResource> decoded = read(generation.files(), options, report);
        if (decoded.isEmpty() && !report.hasErrors()) {
            String message = "the files hold no resource to serve";
            report.add(ShapeProblem.NO_RESOURCES, Position.of(place), "", message, null);
        }
        return result(decoded, report, generation.contentHash());
    }

    /// Reads files that are in memory already.
    public static LoadResult load(List<SourceFile> files, LoadOptions options) {
        ProblemReport report = new ProblemReport();
        return result(read(files, options, report), report, DirectoryGeneration.hash(files));
    }

    private static List<DecodedResource> read(List<SourceFile> files, LoadOptions options, ProblemReport report) {
        YamlReader reader = new YamlReader(options.limits());
        List<DecodedResource> decoded = new ArrayList<>();
        DocumentDecoder decoder = new DocumentDecoder(options.defaultNamespace(), report, decoded::add);
        for (SourceFile file : files) {
            reader.read(file.name(), file.content(), report).forEach(decoder::decode);
        }
        decoded.forEach(ResourceValidator::validate);
        reportDuplicates(decoded);
        return decoded;
    }

    private static LoadResult result(List<DecodedResource> decoded, ProblemReport report, String contentHash) {
        Configuration configuration = new Configuration(
                all(decoded, Gateway.class),
                all(decoded, VirtualService.class),
                all(decoded, DestinationRule.class),
                all(decoded, ServiceEntry.class),
                all(decoded, UnsupportedPolicy.class));
        return new LoadResult(configuration, report.toList(), contentHash, SourcePositions.of(decoded));
    }

    private static void reportDuplicates(List<DecodedResource> decoded) {
        Map<String, Position> seen = new HashMap<>();
        for (DecodedResource each : decoded) {
            var meta = each.resource().meta();
            Position earlier = meta.name().isEmpty() ? null : seen.putIfAbsent(meta.toString(), meta.at());
            if (earlier != null) {
                String message = Quote.plain(meta.toString()) + " is already defined at " + earlier;
                each.document()
                        .field("metadata")
                        .field("name")
                        .report(ShapeProblem.DUPLICATE_RESOURCE, message, "delete or rename one of the two");
            }
        }
    }

    private static <T extends Resource> List<T> all(List<DecodedResource> decoded, Class<T> type) {
        return decoded.stream()
                .map(DecodedResource::resource)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
