package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/// Builds node trees from parser events without recursion, so that neither depth nor aliases cost more than the limits.
final class NodeComposer {
    /// So many texts are remembered: a power of two.
    private static final int MOST_RECENT = 1024;
    /// Longer ones are not: they seldom come up again.
    private static final int LONGEST_RECENT = 64;
    /// Of all readings. Threads may not see each other's, and then have an object of their own.
    private static final @Nullable String[] RECENT = new @Nullable String[MOST_RECENT];

    private final YamlLimits limits;
    private final ProblemReport report;
    private final Deque<OpenCollection> open = new ArrayDeque<>();
    private final Map<String, YamlNode> anchors = new HashMap<>();
    private Position firstLine;
    private int line;
    private long nodes;
    private boolean rejectedDocument;
    private ProblemReport documentProblems;
    private ScalarTypes scalarTypes;
    /// The three events before the one at hand, the last of them last.
    private final @Nullable Event[] before = new @Nullable Event[3];

    /// @param firstLine where the text to compose begins
    NodeComposer(Position firstLine, YamlLimits limits, ProblemReport report) {
        this.firstLine = firstLine;
        this.limits = limits;
        this.report = report;
        this.documentProblems = report.forPart();
        this.scalarTypes = new ScalarTypes(documentProblems);
    }

    /// @param place where the next text begins
    void startAt(Position place) {
        firstLine = place;
        line = 0;
        open.clear();
        anchors.clear();
    }

    /// The line last seen, from 0, relative to the text.
    int line() {
        return line;
    }

    /// How many there have been of all texts.
    long nodes() {
        return nodes;
    }

    /// Whether a document was reported instead of handed over.
    boolean rejectedDocument() {
        return rejectedDocument;
    }

    void compose(Iterable<Event> events, List<YamlDocument> documents) {
        for (Event event : events) {
            line = event.getStartMark().map(Mark::getLine).orElse(line);
            switch (event.getEventId()) {
                case DocumentStart -> start((DocumentStartEvent) event);
                case MappingStart, SequenceStart -> open((CollectionStartEvent) event);
                case Scalar -> add(scalar((ScalarEvent) event), ((ScalarEvent) event).getAnchor(), documents);
                case Alias -> add(resolve((AliasEvent) event), Optional.empty(), documents);
                case MappingEnd, SequenceEnd -> {
                    OpenCollection closed = open.pop();
                    YamlNode node = closed.close();
                    add(endsInColon(event) ? withColon(node) : node, closed.anchor(), documents);
                }
                default -> {}
            }
            before[0] = before[1];
            before[1] = before[2];
            before[2] = event;
        }
    }

    private void start(DocumentStartEvent event) {
        anchors.clear();
        open.clear();
        documentProblems = report.forPart();
        scalarTypes = new ScalarTypes(documentProblems);
    }

    /// What was found of a document that cannot be read to its end.
    void abandonDocument() {
        report.addAll(documentProblems);
    }

    private void open(CollectionStartEvent event) {
        if (open.size() >= limits.maxDepth()) {
            throw failure(ProblemCode.TOO_DEEP, event, "nested deeper than " + limits.maxDepth() + " levels", true);
        }
        countNodes(1, event);
        Position at = at(event);
        scalarTypes.checkCollectionTag(event, at);
        // An anchor's node is known only when it is closed: an alias inside it finds none, which refuses recursion.
        event.getAnchor().ifPresent(anchor -> anchors.remove(anchor.getValue()));
        open.push(new OpenCollection(
                event instanceof MappingStartEvent,
                at,
                event.getAnchor(),
                // Problems of the top level are always reported: they leave the document's kind in doubt.
                open.isEmpty() ? report : documentProblems,
                added -> countNodes(added, event)));
    }

    private YamlNode scalar(ScalarEvent event) {
        countNodes(1, event);
        Position at = at(event);
        return new YamlNode.Scalar(shared(event.getValue()), scalarTypes.of(event, at), at);
    }

    /// The same text as the same object, where it came up not long ago: names of fields, kinds and hosts come up over
    /// and over, in thousands of files, and much of what is read is kept.
    private static String shared(String text) {
        if (text.length() > LONGEST_RECENT) {
            return text;
        }
        int place = text.hashCode() & MOST_RECENT - 1;
        String known = RECENT[place];
        if (known != null && known.equals(text)) {
            return known;
        }
        RECENT[place] = text;
        return text;
    }

    private YamlNode resolve(AliasEvent event) {
        YamlNode node = anchors.get(event.getAlias().getValue());
        if (node == null) {
            String message = "alias *" + Quote.plain(event.getAlias().getValue())
                    + " stands for nothing, or for what it is part of";
            throw failure(ProblemCode.BAD_ALIAS, event, message, true);
        }
        if (node.size() > limits.maxNodes()) {
            throw failure(ProblemCode.TOO_MANY_NODES, event, tooMany(), true);
        }
        return node.movedTo(at(event));
    }

    private void add(YamlNode node, Optional<Anchor> anchor, List<YamlDocument> documents) {
        if (node.size() > limits.maxNodes()) {
            Position at = node.at();
            throw new YamlSyntaxException(
                    ProblemCode.TOO_MANY_NODES,
                    Math.max(0, at.line() - firstLine.line()),
                    at.column() - 1,
                    tooMany(),
                    null,
                    true);
        }
        anchor.ifPresent(name -> anchors.put(name.getValue(), node));
        OpenCollection parent = open.peek();
        if (parent != null) {
            parent.add(node);
        } else if (node instanceof YamlNode.Mapping mapping) {
            documents.add(new YamlDocument(mapping, documentProblems));
            documentProblems = report.forPart();
        } else if (!node.isNull()) {
            rejectedDocument = true;
            report.addAll(documentProblems);
            documentProblems = report.forPart();
            String message = "a document is a mapping, not " + node.describe();
            report.add(ProblemCode.NOT_A_MAPPING, node.at(), "", message, "begin with apiVersion and kind");
        }
    }

    /// Whether a mapping of plain text to nothing, without braces and blanks, was written as an element that ends
    /// in a colon, as in `[2001:db8::]`. In YAML 1.2 a colon before a bracket or comma makes a mapping; the
    /// parsers of Kubernetes' tools read it as text, and addresses are written like that.
    private boolean endsInColon(Event end) {
        return before[0] instanceof MappingStartEvent start
                && before[1] instanceof ScalarEvent text
                && before[2] instanceof ScalarEvent nothing
                && start.isFlow()
                && index(start.getStartMark()) == index(start.getEndMark())
                && text.isPlain()
                && nothing.isPlain()
                && nothing.getValue().isEmpty()
                && index(nothing.getStartMark()) == index(text.getEndMark()) + 1
                && index(end.getStartMark()) == index(nothing.getStartMark())
                && end.getEventId() == Event.ID.MappingEnd;
    }

    private static YamlNode withColon(YamlNode pair) {
        if (pair instanceof YamlNode.Mapping mapping && mapping.entries().list().size() == 1) {
            YamlNode.Scalar key = mapping.entries().list().getFirst().key();
            return new YamlNode.Scalar(key.text() + ":", YamlNode.ScalarType.TEXT, key.at());
        }
        return pair;
    }

    private static int index(Optional<Mark> mark) {
        return mark.map(Mark::getIndex).orElse(-1);
    }

    private void countNodes(long added, Event event) {
        nodes += added;
        if (nodes > limits.maxNodes()) {
            throw failure(ProblemCode.TOO_MANY_NODES, event, tooMany(), false);
        }
    }

    private String tooMany() {
        return "the file unfolds to more than " + limits.maxNodes() + " nodes";
    }

    private static YamlSyntaxException failure(ProblemCode code, Event event, String message, boolean recoverable) {
        @Nullable Mark mark = event.getStartMark().orElse(null);
        int line = mark == null ? 0 : mark.getLine();
        int column = mark == null ? 0 : mark.getColumn();
        return new YamlSyntaxException(code, line, column, message, null, recoverable);
    }

    private Position at(Event event) {
        @Nullable Mark mark = event.getStartMark().orElse(null);
        return mark == null ? Position.of(firstLine.file()) : firstLine.below(mark.getLine(), mark.getColumn() + 1);
    }
}
