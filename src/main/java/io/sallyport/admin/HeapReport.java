package io.sallyport.admin;

import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/// What the heap holds: a summary and, on a JVM, how many objects of each class there are, for which the JVM stops the
/// process for a walk through the heap. Names and numbers alone: no object's contents.
final class HeapReport {
    private static final int MOST_CLASSES = 200;
    /// `   1:   12345   678901  java.lang.String (java.base@25)`: number, instances, bytes, class.
    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    private HeapReport() {}

    /// @param live whether only objects count that are in use, for which garbage is collected first
    static JsonObject json(boolean live) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        var collectors = new JsonArray();
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collectors.add(new JsonObject()
                    .put("name", collector.getName())
                    .put("collections", collector.getCollectionCount())
                    .put("millis", collector.getCollectionTime()));
        }
        JsonObject report = new JsonObject()
                .put("usedBytes", heap.getUsed())
                .put("committedBytes", heap.getCommitted())
                .put("maxBytes", heap.getMax())
                .put("buffersBytes", PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                .put("collectors", collectors);
        return NativeImage.IS_RUNNING
                ? report.put("classes", null).put("classesMissing", "a native executable counts no classes")
                : report.put("classes", classes(live));
    }

    private static JsonArray classes(boolean live) {
        var classes = new JsonArray();
        try {
            Object text = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {live ? new String[0] : new String[] {"-all"}},
                            new String[] {String[].class.getName()});
            try (Stream<String> lines = String.valueOf(text).lines()) {
                lines.map(LINE::matcher)
                        .filter(Matcher::matches)
                        .limit(MOST_CLASSES)
                        .forEach(line -> classes.add(new JsonObject()
                                .put("class", line.group(3))
                                .put("instances", Long.parseLong(line.group(1)))
                                .put("bytes", Long.parseLong(line.group(2)))));
            }
        } catch (JMException e) {
            throw new IllegalStateException("this JVM counts no classes", e);
        }
        return classes;
    }
}
