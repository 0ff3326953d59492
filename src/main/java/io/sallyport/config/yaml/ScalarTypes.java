package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.YamlNode.ScalarType;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/// Decides what a scalar is: by its tag, else by its looks when it is not quoted (YAML 1.2, chapter 10.3.2).
final class ScalarTypes {
    private final ScalarResolver resolver = new CoreScalarResolver(false);
    private final ProblemReport report;

    ScalarTypes(ProblemReport report) {
        this.report = report;
    }

    ScalarType of(ScalarEvent event, Position at) {
        String tag = event.getTag().orElse(null);
        if (tag == null) {
            return event.isPlain() && mayBeOther(event.getValue())
                    ? ofTag(resolver.resolve(event.getValue(), true).getValue(), at)
                    : ScalarType.TEXT;
        }
        return tag.equals("!") ? ScalarType.TEXT : ofTag(tag, at);
    }

    /// Whether plain text may be more than text: of what begins with a letter only `null`, `true` and `false` are, in
    /// some cases. It saves most scalars the resolver's regular expressions.
    private static boolean mayBeOther(String plain) {
        if (plain.isEmpty()) {
            return true;
        }
        char first = plain.charAt(0);
        boolean letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
        return !letter || ("nNtTfF".indexOf(first) >= 0 && (plain.length() == 4 || plain.length() == 5));
    }

    void checkCollectionTag(CollectionStartEvent event, Position at) {
        String tag = event.getTag().orElse("!");
        boolean known = tag.equals("!") || tag.equals(Tag.MAP.getValue()) || tag.equals(Tag.SEQ.getValue());
        if (!known) {
            unknownTag(tag, at);
        }
    }

    private ScalarType ofTag(String tag, Position at) {
        return switch (tag) {
            case Tag.PREFIX + "str" -> ScalarType.TEXT;
            case Tag.PREFIX + "null" -> ScalarType.NULL;
            case Tag.PREFIX + "bool" -> ScalarType.BOOL;
            case Tag.PREFIX + "int" -> ScalarType.INTEGER;
            case Tag.PREFIX + "float" -> ScalarType.FLOAT;
            default -> {
                unknownTag(tag, at);
                yield ScalarType.TEXT;
            }
        };
    }

    private void unknownTag(String tag, Position at) {
        report.add(ProblemCode.UNKNOWN_TAG, at, "", "tag " + Quote.of(tag) + " is unknown", "leave it out");
    }
}
