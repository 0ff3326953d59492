package io.sallyport.format;

import java.util.ArrayList;
import java.util.List;

/// How requests of one configuration are logged: the files that get lines and the collectors that get records, none
/// where nothing is logged, and the header fields that are captured for them while a request lives.
public final class LogPlan {
    private final List<Placed> files = new ArrayList<>();
    private final List<Placed> collectors = new ArrayList<>();
    private final CapturedFields captured = new CapturedFields();

    /// @param ofFormat where the fields that its format wants begin among those that are captured
    /// @param ofFilter where those of its filter do
    /// @param ofLabels where those of a record's labels do, label by label
    public record Placed(LogSink sink, int ofFormat, int ofFilter, List<Integer> ofLabels) {}

    public LogPlan(List<LogSink> all) {
        for (LogSink sink : all) {
            int ofFormat = sink.format() == null ? 0 : captured.add(sink.format());
            int ofFilter =
                    sink.filter() == null ? 0 : captured.add(sink.filter().attributes());
            LogRecords records = sink.records();
            if (records == null) {
                files.add(new Placed(sink, ofFormat, ofFilter, List.of()));
            } else {
                List<Integer> ofLabels =
                        records.labels().values().stream().map(captured::add).toList();
                collectors.add(new Placed(sink, ofFormat, ofFilter, ofLabels));
            }
        }
    }

    public List<Placed> files() {
        return files;
    }

    public List<Placed> collectors() {
        return collectors;
    }

    public CapturedFields captured() {
        return captured;
    }
}
