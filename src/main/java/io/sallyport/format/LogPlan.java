package io.sallyport.format;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// How requests of one configuration are logged: the files that get lines and the collectors that get records, none
/// where nothing is logged, and the header fields that are captured for them while a request lives.
public final class LogPlan {
    private final List<Placed> files = new ArrayList<>();
    private final List<Placed> collectors = new ArrayList<>();
    private final List<Captured> request = new ArrayList<>();
    private final List<Captured> response = new ArrayList<>();
    private final List<Captured> trailers = new ArrayList<>();
    private int fields;

    /// @param ofFormat where the fields that its format wants begin among those that are captured
    /// @param ofFilter where those of its filter do
    /// @param ofLabels where those of a record's labels do, label by label
    public record Placed(LogSink sink, int ofFormat, int ofFilter, List<Integer> ofLabels) {}

    /// @param place among all that are captured
    public record Captured(AsciiString name, int place) {}

    public LogPlan(List<LogSink> all) {
        for (LogSink sink : all) {
            int ofFormat = sink.format() == null ? 0 : capture(sink.format());
            int ofFilter = sink.filter() == null ? 0 : capture(sink.filter().attributes());
            LogRecords records = sink.records();
            if (records == null) {
                files.add(new Placed(sink, ofFormat, ofFilter, List.of()));
            } else {
                List<Integer> ofLabels =
                        records.labels().values().stream().map(this::capture).toList();
                collectors.add(new Placed(sink, ofFormat, ofFilter, ofLabels));
            }
        }
    }

    private int capture(ParsedFormat wanting) {
        int first = fields;
        capture(wanting.request(), request);
        capture(wanting.response(), response);
        capture(wanting.trailers(), trailers);
        return first;
    }

    private void capture(List<AsciiString> names, List<Captured> to) {
        for (AsciiString name : names) {
            to.add(new Captured(name, fields++));
        }
    }

    public List<Placed> files() {
        return files;
    }

    public List<Placed> collectors() {
        return collectors;
    }

    /// Fields of the request.
    public List<Captured> request() {
        return request;
    }

    public List<Captured> response() {
        return response;
    }

    public List<Captured> trailers() {
        return trailers;
    }

    /// The number of fields that are captured.
    public int fields() {
        return fields;
    }
}
