package io.sallyport.cluster.balance;

import java.util.Arrays;
import java.util.List;

/// Karger's ring: each member stands at many points of the circle of 64-bit numbers, and a key belongs to the first
/// point at or after its hash. A member that leaves gives its keys to its neighbours, and no other key moves.
///
/// The i-th point of a member is the [XxHash64] of its name, `_` and i, as in Envoy's `ring_hash`. How many it has does
/// not depend on how many members there are, or else those that stay would take keys from each other when one leaves:
/// the lightest has as many as the whole ring must have, as long as the ring does not become too large by that.
public final class HashRing implements HashTable {
    /// Unless the configured minimum is larger. 12 bytes each, for each cluster that is hashed.
    private static final int MOST_POINTS = 256 * 1024;
    /// Of weights that differ much.
    private static final int MOST_UNEVEN_POINTS = 64 * 1024;

    /// In rising order, as signed numbers.
    private final long[] points;
    private final int[] owners;

    private HashRing(long[] points, int[] owners) {
        this.points = points;
        this.owners = owners;
    }

    /// @param names of the members
    /// @param weights in any unit, each above 0
    /// @param minimumSize in points, at least 1
    public static HashRing of(List<String> names, double[] weights, int minimumSize) {
        double total = 0;
        double least = Double.POSITIVE_INFINITY;
        for (double weight : weights) {
            total += weight;
            least = Math.min(least, weight);
        }
        double equal = Math.clamp((double) minimumSize * names.size(), MOST_UNEVEN_POINTS, MOST_POINTS);
        double scale = names.isEmpty() ? 0 : Math.min(total / least * minimumSize, Math.max(minimumSize, equal));
        int size = (int) Math.round(scale);
        long[] points = new long[size];
        int[] owners = new int[size];
        int made = 0;
        double target = 0;
        for (int member = 0; member < weights.length; member++) {
            target += scale * weights[member] / total;
            boolean last = member == weights.length - 1;
            for (int i = 0; made < size && (last || made < target); i++) {
                points[made] = XxHash64.hash(names.get(member) + '_' + i, 0);
                owners[made++] = member;
            }
        }
        return sorted(points, owners);
    }

    private static HashRing sorted(long[] points, int[] owners) {
        long[] sorted = points.clone();
        Arrays.sort(sorted);
        int[] moved = new int[owners.length];
        Arrays.fill(moved, -1);
        for (int i = 0; i < points.length; i++) {
            int place = Arrays.binarySearch(sorted, points[i]);
            // Points that coincide lie side by side, in the members' order.
            while (place > 0 && sorted[place - 1] == points[i]) {
                place--;
            }
            while (moved[place] >= 0) {
                place++;
            }
            moved[place] = owners[i];
        }
        return new HashRing(sorted, moved);
    }

    @Override
    public int slot(long hash) {
        int found = Arrays.binarySearch(points, hash);
        int place = found >= 0 ? found : -found - 1;
        return place == points.length ? 0 : place;
    }

    @Override
    public int owner(int slot) {
        return owners[slot];
    }

    @Override
    public int slots() {
        return points.length;
    }
}
