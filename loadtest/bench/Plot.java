package bench;

import java.util.List;
import java.util.Map;

/// Horizontal bars as SVG: a group for each case, a bar for each peer.
final class Plot {
    private static final int LABEL = 210;
    private static final int WIDTH = 520;
    private static final int BAR = 13;
    private static final int GAP = 14;
    private static final int TOP = 52;
    private static final List<String> COLOURS =
            List.of("#0b6e4f", "#53b88f", "#8d99ae", "#c2843b", "#b0413e", "#5e548e");

    private Plot() {}

    /// @param groups value of each series by group, in the order they are drawn; NaN leaves a bar out
    /// @param end where the axis ends: longer bars are cut, with their value beside them
    static String bars(String title, List<String> series, Map<String, List<Double>> groups, double end) {
        StringBuilder body = new StringBuilder();
        int y = TOP;
        for (Map.Entry<String, List<Double>> group : groups.entrySet()) {
            body.append(text(LABEL - 8, y + BAR * series.size() / 2 + 4, "end", group.getKey()));
            for (int i = 0; i < series.size(); i++) {
                double value = group.getValue().get(i);
                if (!Double.isNaN(value)) {
                    int length = (int) Math.max(1, Math.min(value / end, 1) * WIDTH);
                    body.append("<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>%n"
                            .formatted(LABEL, y, length, BAR - 2, COLOURS.get(i % COLOURS.size())));
                    body.append(text(LABEL + length + 4, y + BAR - 4, "start", "%.2f".formatted(value)));
                }
                y += BAR;
            }
            y += GAP;
        }
        int one = LABEL + (int) (WIDTH / end);
        body.append("<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#333' stroke-dasharray='3 3'/>%n"
                .formatted(one, TOP - 6, one, y - GAP));
        return "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='11'>%n"
                        .formatted(LABEL + WIDTH + 60, y)
                + "<rect width='100%' height='100%' fill='#fff'/>\n"
                + "<text x='8' y='18' font-size='14'>%s</text>%n".formatted(title)
                + legend(series)
                + body
                + "</svg>\n";
    }

    private static String legend(List<String> series) {
        StringBuilder legend = new StringBuilder();
        int x = LABEL;
        for (int i = 0; i < series.size(); i++) {
            legend.append("<rect x='%d' y='28' width='10' height='10' fill='%s'/>%n"
                    .formatted(x, COLOURS.get(i % COLOURS.size())));
            legend.append(text(x + 14, 37, "start", series.get(i)));
            x += 30 + 7 * series.get(i).length();
        }
        return legend.toString();
    }

    private static String text(int x, int y, String anchor, String text) {
        return "<text x='%d' y='%d' text-anchor='%s'>%s</text>%n".formatted(x, y, anchor, text);
    }
}
