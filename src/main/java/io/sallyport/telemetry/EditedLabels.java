package io.sallyport.telemetry;

import io.sallyport.format.MetricPlan;
import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The labels of a series as Telemetries have them, without those that are removed and with those that are set: what
/// then has the same labels is counted as one.
///
/// @param shown names and values in turn
/// @param host of the destination that was counted first; it tells no series from another
record EditedLabels(
        Protocol protocol, List<String> shown, @Nullable String host) implements ShownLabels {
    private static final Set<String> USUAL =
            of(SeriesLabels.overflow(Protocol.HTTP), InstanceLabels.UNKNOWN).names();

    /// @param values of the labels that are set, in their order
    static EditedLabels of(SeriesLabels usual, MetricPlan.Group group, List<String> values, InstanceLabels instance) {
        List<String> shown = new ArrayList<>();
        usual.write(instance, new LabelSink() {
            @Override
            public LabelSink label(String name, String value) {
                int place = group.placeOf(name);
                if (place >= 0) {
                    add(name, values.get(place), shown);
                } else if (!group.removed().contains(name)) {
                    add(name, value, shown);
                }
                return this;
            }
        });
        for (int i = 0; i < values.size(); i++) {
            String name = group.set().get(i).name();
            if (!isUsual(name)) {
                add(name, values.get(i), shown);
            }
        }
        return new EditedLabels(usual.protocol(), shown, usual.host());
    }

    /// As they are.
    static EditedLabels of(ShownLabels labels, InstanceLabels instance) {
        if (labels instanceof EditedLabels edited) {
            return edited;
        }
        List<String> shown = new ArrayList<>();
        labels.write(instance, new LabelSink() {
            @Override
            public LabelSink label(String name, String value) {
                add(name, value, shown);
                return this;
            }
        });
        return new EditedLabels(labels.protocol(), shown, labels.host());
    }

    private static void add(String name, String value, List<String> to) {
        to.add(name);
        to.add(value);
    }

    private Set<String> names() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < shown.size(); i += 2) {
            names.add(shown.get(i));
        }
        return Set.copyOf(names);
    }

    /// Whether series of requests have that label anyway.
    static boolean isUsual(String name) {
        return USUAL.contains(name);
    }

    @Override
    public void write(InstanceLabels instance, LabelSink out) {
        for (int i = 0; i < shown.size(); i += 2) {
            out.label(shown.get(i), shown.get(i + 1));
        }
    }

    @Override
    public Outcome outcome() {
        String code = "";
        String status = "";
        for (int i = 0; i < shown.size(); i += 2) {
            switch (shown.get(i)) {
                case "response_code" -> code = shown.get(i + 1);
                case "grpc_response_status" -> status = shown.get(i + 1);
                default -> {}
            }
        }
        return new Outcome(code, status);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EditedLabels that && protocol == that.protocol && shown.equals(that.shown);
    }

    @Override
    public int hashCode() {
        return 31 * protocol.hashCode() + shown.hashCode();
    }
}
