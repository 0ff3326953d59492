package io.sallyport.telemetry;

import io.sallyport.format.CelExpression;
import io.sallyport.format.FieldValues;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.format.LogSink;
import io.sallyport.net.RegexMatch;
import io.sallyport.operators.ComposedText;
import io.sallyport.operators.ExpressionValues;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import java.util.Iterator;
import java.util.function.BiConsumer;

/// What one file or collector gets of the requests of one plan. For one thread.
public final class PlacedLines {
    private static final int USUAL_LINE = 1024;
    private static final int LONGEST_KEPT = 64 * 1024;

    private final LogPlan.Placed placed;
    private final AccessLogFormatter formatter;
    private LineBuffer line = new LineBuffer(USUAL_LINE);

    public PlacedLines(LogPlan.Placed placed) {
        this.placed = placed;
        LogSink sink = placed.sink();
        if (sink.format() != null) {
            formatter = new OperatorFormat(sink.format(), placed.ofFormat());
        } else {
            formatter = sink.json() ? new IstioJsonFormat() : new IstioTextFormat();
        }
    }

    LogPlan.Placed placed() {
        return placed;
    }

    AccessLogFormatter formatter() {
        return formatter;
    }

    /// Also a request whose text takes the filter too long: nobody can keep out of the log by that.
    public boolean takes(RequestFacts facts, LoggedFields log) {
        CelExpression filter = placed.sink().filter();
        try {
            return filter == null
                    || ExpressionValues.holds(filter, facts, CapturedValues.from(placed.ofFilter(), log.logged));
        } catch (RegexMatch.TooCostlyException unknown) {
            return true;
        }
    }

    /// The line without its end.
    public String line(RequestFacts facts) {
        formatter.format(facts, line);
        String text = line.toString();
        if (line.length() > LONGEST_KEPT) {
            line = new LineBuffer(USUAL_LINE);
        } else {
            line.clear();
        }
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /// A record's labels, by their names.
    public void labels(RequestFacts facts, LoggedFields log, BiConsumer<String, String> to) {
        LogRecords records = placed.sink().records();
        if (records == null) {
            return;
        }
        Iterator<Integer> places = placed.ofLabels().iterator();
        records.labels().forEach((name, format) -> {
            FieldValues fields = CapturedValues.from(places.next(), log.logged);
            to.accept(name, ComposedText.ofEnded(format, facts, fields, AccessLogFormatter.LONGEST_TEXT, "-"));
        });
    }
}
