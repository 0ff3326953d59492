package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A path into a document and what stands there, for reporting problems. It may lead to what is absent: such a
/// place has the position of the nearest mapping or list around it.
public final class Place {
    private enum Step {
        FIELD,
        /// Of a map or a list.
        KEY
    }

    private final @Nullable Place parent;
    private final Step step;
    /// The field's or key's name; an element's index is its text.
    private final String name;
    private final @Nullable YamlNode node;
    private final ProblemReport report;

    private Place(@Nullable Place parent, Step step, String name, @Nullable YamlNode node, ProblemReport report) {
        this.parent = parent;
        this.step = step;
        this.name = name;
        this.node = node;
        this.report = report;
    }

    /// A document's root; its path is empty.
    public static Place root(YamlNode node, ProblemReport report) {
        return new Place(null, Step.FIELD, "", node, report);
    }

    /// What stands here, or null.
    public @Nullable YamlNode node() {
        return node;
    }

    /// The field of that name here.
    public Place field(String name) {
        return child(Step.FIELD, name, valueOf(name));
    }

    /// The value of that key in the map that stands here.
    public Place key(String name) {
        return child(Step.KEY, name, valueOf(name));
    }

    /// The element of the list that stands here, from 0.
    public Place index(int index) {
        List<YamlNode> elements = node instanceof YamlNode.Sequence list ? list.elements() : List.of();
        return child(Step.KEY, Integer.toString(index), index < elements.size() ? elements.get(index) : null);
    }

    /// The keys of the map that stands here, in the file's order; none when it is no map.
    public List<String> keys() {
        return node instanceof YamlNode.Mapping mapping
                ? mapping.entries().list().stream().map(YamlNode.Entry::name).toList()
                : List.of();
    }

    /// How many elements the list that stands here has; 0 when it is no list.
    public int length() {
        return node instanceof YamlNode.Sequence list ? list.elements().size() : 0;
    }

    private Place child(Step by, String to, @Nullable YamlNode value) {
        return new Place(this, by, to, value, report);
    }

    private @Nullable YamlNode valueOf(String name) {
        return node instanceof YamlNode.Mapping mapping ? mapping.get(name) : null;
    }

    /// Whether something other than null stands here.
    public boolean isPresent() {
        return node != null && !node.isNull();
    }

    ProblemReport problems() {
        return report;
    }

    public Position at() {
        for (Place place = this; place != null; place = place.parent) {
            if (place.node != null) {
                return place.node.at();
            }
        }
        throw new IllegalStateException("a root has a node");
    }

    /// In Istio's spelling, such as `spec.http[0].match[1].headers[x-user]`.
    public String path() {
        if (parent == null) {
            return "";
        }
        String before = parent.path();
        String shown = Quote.plain(name);
        if (step == Step.KEY) {
            return before + "[" + shown + "]";
        }
        return before.isEmpty() ? shown : before + "." + shown;
    }

    public void report(ProblemCode code, String message) {
        report(code, message, null);
    }

    public void report(ProblemCode code, String message, @Nullable String hint) {
        report.add(code, at(), path(), message, hint);
    }

    public void report(Problem problem) {
        report.add(problem);
    }

    /// Reports at another position than this place's own, such as a key's.
    public void reportAt(Position at, ProblemCode code, String message, @Nullable String hint) {
        report.add(code, at, path(), message, hint);
    }
}
