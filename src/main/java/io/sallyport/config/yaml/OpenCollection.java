package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.Anchor;

/// A list or mapping of which the end has not been seen.
final class OpenCollection {
    private static final String MERGE_KEY = "<<";

    private final boolean mapping;
    private final Position at;
    private final Optional<Anchor> anchor;
    private final ProblemReport report;
    private final LongConsumer countNodes;
    private final List<YamlNode> elements = new ArrayList<>();
    private final MappingEntries entries = new MappingEntries();
    private final List<YamlNode> merged = new ArrayList<>();
    private @Nullable YamlNode key;
    private long size = 1;

    /// @param countNodes called with the number of nodes that merge keys copy
    OpenCollection(
            boolean mapping, Position at, Optional<Anchor> anchor, ProblemReport report, LongConsumer countNodes) {
        this.mapping = mapping;
        this.at = at;
        this.anchor = anchor;
        this.report = report;
        this.countNodes = countNodes;
    }

    Optional<Anchor> anchor() {
        return anchor;
    }

    void add(YamlNode node) {
        size += node.size();
        if (!mapping) {
            elements.add(node);
        } else if (key == null) {
            key = node;
        } else {
            YamlNode name = key;
            key = null;
            put(name, node);
        }
    }

    private void put(YamlNode name, YamlNode value) {
        if (!(name instanceof YamlNode.Scalar scalar) || name.isNull()) {
            report.add(ProblemCode.BAD_KEY, name.at(), "", "a key is text, not " + name.describe(), null);
            return;
        }
        if (scalar.text().equals(MERGE_KEY)) {
            merged.add(value);
            return;
        }
        YamlNode.Entry earlier = entries.putIfAbsent(new YamlNode.Entry(scalar, value));
        if (earlier != null) {
            String message = "key " + Quote.of(scalar.text()) + " is already given in line "
                    + earlier.key().at().line();
            report.add(ProblemCode.DUPLICATE_KEY, scalar.at(), "", message, "delete one of the two");
        }
    }

    YamlNode close() {
        if (!mapping) {
            return new YamlNode.Sequence(List.copyOf(elements), at, size);
        }
        merged.forEach(this::merge);
        entries.close();
        return new YamlNode.Mapping(entries, at, size);
    }

    /// YAML's merge key, which Kubernetes tools know: what the mapping says itself wins.
    private void merge(YamlNode source) {
        switch (source) {
            case YamlNode.Mapping other -> {
                countNodes.accept(other.entries().size());
                other.entries().list().forEach(entries::putIfAbsent);
            }
            case YamlNode.Sequence list
            when list.elements().stream().allMatch(YamlNode.Mapping.class::isInstance) ->
                list.elements().forEach(this::merge);
            default -> {
                String message = "<< merges a mapping or a list of mappings, not " + source.describe();
                report.add(ProblemCode.WRONG_TYPE, source.at(), "", message, null);
            }
        }
    }
}
