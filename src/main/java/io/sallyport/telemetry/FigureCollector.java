package io.sallyport.telemetry;

import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// Figures of things that come and go with the configuration, asked for when somebody scrapes.
///
/// @param <S> what is known of one such thing at one moment
final class FigureCollector<S> extends Collector {
    private record Figure<S>(String name, Type type, String help, ToDoubleFunction<S> value) {}

    private final List<String> labels;
    private final Function<S, String> name;
    private final Supplier<Collection<S>> samples;
    private final List<Figure<S>> figures = new ArrayList<>();

    /// @param label the label that tells them apart
    /// @param name its value
    FigureCollector(String label, Function<S, String> name, Supplier<Collection<S>> samples) {
        labels = List.of(label);
        this.name = name;
        this.samples = samples;
    }

    FigureCollector<S> gauge(String metric, String help, ToDoubleFunction<S> value) {
        figures.add(new Figure<>(metric, Type.GAUGE, help, value));
        return this;
    }

    /// @param metric without `_total`
    FigureCollector<S> counter(String metric, String help, ToDoubleFunction<S> value) {
        figures.add(new Figure<>(metric, Type.COUNTER, help, value));
        return this;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Collection<S> all = samples.get();
        return figures.stream().map(figure -> family(figure, all)).toList();
    }

    private MetricFamilySamples family(Figure<S> figure, Collection<S> all) {
        String sampleName = figure.type() == Type.COUNTER ? figure.name() + "_total" : figure.name();
        var values = new ArrayList<MetricFamilySamples.Sample>(all.size());
        for (S sample : all) {
            double value = figure.value().applyAsDouble(sample);
            values.add(new MetricFamilySamples.Sample(sampleName, labels, List.of(name.apply(sample)), value));
        }
        return new MetricFamilySamples(figure.name(), figure.type(), figure.help(), values);
    }
}
