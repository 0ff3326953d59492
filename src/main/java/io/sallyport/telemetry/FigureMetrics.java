package io.sallyport.telemetry;

import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// Figures of things that come and go with the configuration, asked for when somebody scrapes.
///
/// @param <S> what is known of one such thing at one moment
final class FigureMetrics<S> implements MetricSource {
    private record Figure<S>(String name, Type type, String help, ToDoubleFunction<S> value) {}

    private final String label;
    private final Function<S, String> name;
    private final ToLongFunction<S> sinceMillis;
    private final Supplier<Collection<S>> samples;
    private final List<Figure<S>> figures = new ArrayList<>();

    /// @param label the label that tells them apart
    /// @param name its value
    /// @param sinceMillis since when its counters count, milliseconds since 1970
    FigureMetrics(
            String label, Function<S, String> name, ToLongFunction<S> sinceMillis, Supplier<Collection<S>> samples) {
        this.label = label;
        this.name = name;
        this.sinceMillis = sinceMillis;
        this.samples = samples;
    }

    FigureMetrics<S> gauge(String metric, String help, ToDoubleFunction<S> value) {
        figures.add(new Figure<>(metric, Type.GAUGE, help, value));
        return this;
    }

    /// @param metric without `_total`
    FigureMetrics<S> counter(String metric, String help, ToDoubleFunction<S> value) {
        figures.add(new Figure<>(metric, Type.COUNTER, help, value));
        return this;
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        Collection<S> all = samples.get();
        for (Figure<S> figure : figures) {
            out.family(figure.name(), figure.type(), figure.help());
            for (S sample : all) {
                out.labels()
                        .since(sinceMillis.applyAsLong(sample))
                        .label(label, name.apply(sample))
                        .sample(figure.value().applyAsDouble(sample));
            }
        }
    }
}
