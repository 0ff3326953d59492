package bench;

import java.util.List;
import java.util.Map;

/// Horizontal bars as SVG: a group for each case, a bar for each peer.
final class Plot {
    private static final int FONT = 14;
    private static final int LABEL = 250;
    private static final int WIDTH = 520;
    private static final int BAR = 17;
    private static final int GAP = 18;
    private static final int TOP = 76;
    private static final int MARGIN = 120;
    private static final List<String> COLOURS =
            List.of("#0b6e4f", "#53b88f", "#8d99ae", "#c2843b", "#b0413e", "#5e548e");

    private Plot() {}

    /// @param groups value of each series by group, in the order they are drawn; NaN leaves a bar out
    /// @param end where the axis ends: longer bars are cut, with their value beside them
    static String bars(String title, List<String> series, Map<String, List<Double>> groups, double end) {
        StringBuilder body = new StringBuilder();
        int y = TOP;
        for (Map.Entry<String, List<Double>> group : groups.entrySet()) {
            body.append(text(LABEL - 8, y + BAR * series.size() / 2 + 5, "end", group.getKey()));
            for (int i = 0; i < series.size(); i++) {
                double value = group.getValue().get(i);
                if (!Double.isNaN(value)) {
                    int length = (int) Math.max(1, Math.min(value / end, 1) * WIDTH);
                    body.append("<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>%n"
                            .formatted(LABEL, y, length, BAR - 2, COLOURS.get(i % COLOURS.size())));
                    boolean cut = value > end;
                    if (cut) {
                        body.append(gap(LABEL + length - 22, y));
                    }
                    body.append(text(LABEL + length + 6, y + BAR - 4, "start", "%.2f".formatted(value) + (cut ? " (cut)" : "")));
                }
                y += BAR;
            }
            y += GAP;
        }
        int one = LABEL + (int) (WIDTH / end);
        body.append("<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#333' stroke-dasharray='3 3'/>%n"
                .formatted(one, TOP - 6, one, y - GAP));
        return "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='%d' fill='#222'>%n"
                        .formatted(LABEL + WIDTH + MARGIN, y, FONT)
                + "<rect width='100%' height='100%' fill='#fff'/>\n"
                + "<text x='8' y='22' font-size='17'>%s</text>%n".formatted(title)
                + legend(series)
                + body
                + "</svg>\n";
    }

    private static String legend(List<String> series) {
        StringBuilder legend = new StringBuilder();
        int x = 8;
        for (int i = 0; i < series.size(); i++) {
            legend.append("<rect x='%d' y='40' width='14' height='14' fill='%s'/>%n"
                    .formatted(x, COLOURS.get(i % COLOURS.size())));
            legend.append(text(x + 20, 52, "start", series.get(i)));
            x += 44 + 8 * series.get(i).length();
        }
        return legend.toString();
    }

    /// Two white strokes across a bar: it is longer than it is drawn.
    private static String gap(int x, int y) {
        return "<path d='M%1$d %2$dl-6 %3$dM%4$d %2$dl-6 %3$d' stroke='#fff' stroke-width='3'/>%n"
                .formatted(x, y, BAR - 2, x + 9);
    }

    private static String text(int x, int y, String anchor, String text) {
        return "<text x='%d' y='%d' text-anchor='%s'>%s</text>%n".formatted(x, y, anchor, text);
    }
}
