package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Collects the lists of a [PathIndex].
final class OrderLists {
    static final int[] NOTHING = {};

    private final Map<String, Growing> lists = new HashMap<>();
    private final boolean fold;

    /// @param fold whether paths that differ only in case share a list; it is then filed under the lower case
    OrderLists(boolean fold) {
        this.fold = fold;
    }

    /// Appends to the list of a path; `order` is higher than whatever was added before. Behind an entry that the
    /// path alone decides (an odd one) nothing on its list can be reached, so it is left out.
    void add(String path, int order) {
        Growing list = lists.computeIfAbsent(fold ? AsciiCase.lower(path) : path, _ -> new Growing());
        if (list.size == 0 || (list.orders[list.size - 1] & 1) == 0) {
            list.add(order);
        }
    }

    Map<String, int[]> toMap() {
        if (lists.isEmpty()) {
            return Map.of();
        }
        Map<String, int[]> map = HashMap.newHashMap(lists.size());
        lists.forEach((path, list) -> map.put(path, Arrays.copyOf(list.orders, list.size)));
        return map;
    }

    private static final class Growing {
        private int[] orders = new int[1];
        private int size;

        private void add(int order) {
            if (size == orders.length) {
                orders = Arrays.copyOf(orders, 2 * size);
            }
            orders[size++] = order;
        }
    }
}
