package io.sallyport.config;

import io.sallyport.config.model.Position;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/// Walks through records by their components.
final class ModelTree {
    private ModelTree() {}

    /// Tells of every component of every record below, with its value.
    static void walk(Object value, BiConsumer<RecordComponent, Object> visitor) {
        switch (value) {
            case Record node -> {
                for (RecordComponent component : node.getClass().getRecordComponents()) {
                    Object child = read(component, node);
                    visitor.accept(component, child);
                    walk(child, visitor);
                }
            }
            case List<?> list -> list.forEach(child -> walk(child, visitor));
            case Map<?, ?> map -> map.values().forEach(child -> walk(child, visitor));
            case null, default -> {}
        }
    }

    /// One line a component that is there, indented; positions are left out.
    static String render(Object value) {
        StringBuilder text = new StringBuilder();
        render(value, "", text);
        return text.toString().replace(" \n", "\n");
    }

    private static void render(Object value, String indent, StringBuilder text) {
        switch (value) {
            case Record node -> {
                text.append(node.getClass().getSimpleName()).append('\n');
                for (RecordComponent component : node.getClass().getRecordComponents()) {
                    Object child = read(component, node);
                    if (!(child instanceof Position) && !isEmpty(child)) {
                        text.append(indent)
                                .append("  ")
                                .append(component.getName())
                                .append(": ");
                        render(child, indent + "  ", text);
                    }
                }
            }
            case List<?> list -> {
                text.setCharAt(text.length() - 1, '\n');
                for (Object child : list) {
                    text.append(indent).append("- ");
                    render(child, indent + "  ", text);
                }
            }
            case Map<?, ?> map -> {
                text.setCharAt(text.length() - 1, '\n');
                map.forEach((key, child) -> {
                    text.append(indent).append("  ").append(key).append(" = ");
                    render(child, indent + "    ", text);
                });
            }
            default -> text.append(String.valueOf(value).replace("\n", "\\n")).append('\n');
        }
    }

    /// What proto3 does not tell from an absent field; of wrapper types only null is absent.
    static boolean isEmpty(Object value) {
        return switch (value) {
            case null -> true;
            case String text -> text.isEmpty();
            case List<?> list -> list.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            case Duration _ -> false;
            default -> false;
        };
    }

    private static Object read(RecordComponent component, Object node) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(node);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
