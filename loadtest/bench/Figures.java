package bench;

import java.util.Arrays;
import java.util.List;

/// Medians and percentiles.
final class Figures {
    private Figures() {}

    /// NaN of nothing.
    static double median(List<Double> values) {
        return percentile(values.stream().mapToDouble(v -> v).toArray(), 50);
    }

    /// By linear interpolation between the nearest two; NaN of nothing.
    ///
    /// @param percent 0 to 100
    static double percentile(double[] values, double percent) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = percent / 100 * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /// Three significant digits, or `–`.
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        return value >= 100 ? String.format("%,.0f", value) : value >= 10 ? String.format("%.1f", value)
                : String.format("%.2f", value);
    }
}
