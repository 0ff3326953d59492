package io.sallyport.config.yaml;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds what somebody most likely meant to write.
public final class Suggestion {
    private Suggestion() {}

    /// `did you mean "x"?` for the candidate nearest to what was written, or null when none is near.
    public static @Nullable String didYouMean(String written, Collection<String> candidates) {
        String nearest = nearest(written, candidates);
        return nearest == null ? null : "did you mean \"" + nearest + "\"?";
    }

    /// The candidate with the fewest slips, at most one for every three letters, or null.
    public static @Nullable String nearest(String written, Collection<String> candidates) {
        if (written.length() > 64) {
            return null;
        }
        String plain = plain(written);
        String nearest = null;
        int fewest = Math.max(1, plain.length() / 3) + 1;
        for (String candidate : candidates) {
            int slips = distance(plain, plain(candidate), fewest);
            if (slips < fewest) {
                fewest = slips;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /// Case, `_` and `-` are the commonest slips: they count for nothing.
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), or `limit` if not fewer.
    static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
            }
        }
        return Math.min(cost[a.length()][b.length()], limit);
    }

    private static int cheapest(int[][] cost, String a, String b, int i, int j) {
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
