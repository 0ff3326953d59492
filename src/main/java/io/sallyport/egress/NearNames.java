package io.sallyport.egress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the listed name that a client most likely meant. It runs for every denied request on an event loop, so most
/// names are ruled out by their length and by which letters they have, and few are compared.
final class NearNames {
    /// Slips that are still a slip.
    private static final int MOST_SLIPS = 2;

    /// A slip takes one letter away and puts one in.
    private static final int MOST_LETTERS = 2 * MOST_SLIPS;

    private static final int MOST_COMPARED = 50;
    private static final String WILDCARD = "*.";

    /// @param text of a wildcard: what follows `*.`
    private record Name(String listed, String text, long letters) {}

    private final List<Name> exact = new ArrayList<>();
    private final List<Name> wildcards = new ArrayList<>();

    NearNames(Collection<String> hosts) {
        for (String host : hosts) {
            boolean wildcard = host.startsWith(WILDCARD);
            String text = wildcard ? host.substring(WILDCARD.length()) : host;
            (wildcard ? wildcards : exact).add(new Name(host, text, letters(text)));
        }
    }

    /// The nearest listed host; null where all differ by more than two letters.
    @Nullable
    String nearest(String host) {
        String found = nearest(host, exact);
        int dot = host.indexOf('.');
        return found != null || dot < 0 ? found : nearest(host.substring(dot + 1), wildcards);
    }

    private static @Nullable String nearest(String host, List<Name> names) {
        long letters = letters(host);
        String nearest = null;
        int fewest = MOST_SLIPS + 1;
        int compared = 0;
        for (Name name : names) {
            if (Math.abs(name.text.length() - host.length()) > MOST_SLIPS
                    || Long.bitCount(letters ^ name.letters) > MOST_LETTERS) {
                continue;
            }
            int slips = slips(host, name.text);
            if (slips < fewest) {
                fewest = slips;
                nearest = name.listed;
            }
            if (++compared == MOST_COMPARED) {
                break;
            }
        }
        return nearest;
    }

    /// One bit for each letter that the name has; letters may share one.
    private static long letters(String name) {
        long letters = 0;
        for (int i = 0; i < name.length(); i++) {
            letters |= 1L << (name.charAt(i) & 63);
        }
        return letters;
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static int slips(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                row[j] = Math.min(last[j - 1] + (same ? 0 : 1), Math.min(last[j], row[j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                row[j] = swapped ? Math.min(row[j], beforeLast[j - 2] + 1) : row[j];
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
