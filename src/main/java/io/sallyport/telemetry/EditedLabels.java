package io.sallyport.telemetry;

import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The labels of a series as Telemetries have them, without those that are removed: what then has the same labels is
/// counted as one.
///
/// @param shown names and values in turn
record EditedLabels(Protocol protocol, List<String> shown) implements ShownLabels {
    static EditedLabels of(SeriesLabels usual, Set<String> removed, InstanceLabels instance) {
        List<String> shown = new ArrayList<>();
        usual.write(instance, new LabelSink() {
            @Override
            public LabelSink label(String name, String value) {
                if (!removed.contains(name)) {
                    shown.add(name);
                    shown.add(value);
                }
                return this;
            }
        });
        return new EditedLabels(usual.protocol(), shown);
    }

    @Override
    public void write(InstanceLabels instance, LabelSink out) {
        for (int i = 0; i < shown.size(); i += 2) {
            out.label(shown.get(i), shown.get(i + 1));
        }
    }
}
