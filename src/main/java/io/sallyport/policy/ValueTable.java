package io.sallyport.policy;

import io.netty.util.collection.LongObjectHashMap;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Rules by the values that they require of a request, each in one place of it.
final class ValueTable {
    private final Place[] places;
    /// Those in each place.
    private final ValuesOfPlace[] values;

    /// @param lists the numbers of rules, ascending
    ValueTable(Rule[] rules, Map<Place.Key, List<Integer>> lists) {
        Map<Place, ValuesOfPlace> byPlace = new HashMap<>();
        lists.forEach((key, list) -> byPlace.computeIfAbsent(key.place(), _ -> new ValuesOfPlace(rules))
                .put(key, list));
        places = byPlace.keySet().toArray(Place[]::new);
        values = byPlace.values().toArray(ValuesOfPlace[]::new);
    }

    /// The number of the first rule that matches.
    ///
    /// @param before the result where none before this one does
    int first(PolicyRequest request, int before) {
        int first = before;
        for (int i = 0; i < places.length; i++) {
            first = places[i].first(request, first, values[i]);
        }
        return first;
    }

    private static final class ValuesOfPlace implements Place.Values {
        private final Rule[] rules;
        private final LongObjectHashMap<int[]> numbers = new LongObjectHashMap<>();
        private int[] bits = {};

        ValuesOfPlace(Rule[] rules) {
            this.rules = rules;
        }

        void put(Place.Key key, List<Integer> list) {
            numbers.put(key.hash(), OperationTable.array(list));
            if (IntStream.of(bits).noneMatch(known -> known == key.bits())) {
                bits = Arrays.copyOf(bits, bits.length + 1);
                bits[bits.length - 1] = key.bits();
            }
        }

        @Override
        public int first(long hash, int before, PolicyRequest request) {
            int[] found = numbers.get(hash);
            return found == null ? before : Rule.first(rules, found, 0, found.length, before, request);
        }

        @Override
        public int[] bits() {
            return bits;
        }
    }
}
