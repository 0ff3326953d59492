package io.sallyport.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Chooses the values by which the rules of a table are found: of those that a rule requires, the ones that the fewest
/// other rules name.
final class RuleKeys {
    /// So many rules are asked as fast as one more place is looked up.
    private static final int FEW = 4;

    private final Map<String, Integer> ofOperations = new HashMap<>();
    /// Of the rules whose method and path many others have, how many name a value, and how many something in a place.
    private final Map<Place.Key, Integer> ofKeys = new HashMap<>();

    private final Map<Place, Integer> ofPlaces = new HashMap<>();

    /// @param rules of one table
    RuleKeys(List<Rule> rules) {
        if (rules.size() <= FEW) {
            return;
        }
        for (Rule rule : rules) {
            OperationTable.operations(rule).forEach(operation -> ofOperations.merge(operation, 1, Integer::sum));
        }
        for (Rule rule : rules) {
            if (ofSameOperation(rule) > FEW) {
                Set<Place> places = new HashSet<>();
                for (Place.Key key : keys(rule)) {
                    ofKeys.merge(key, 1, Integer::sum);
                    places.add(key.place());
                }
                places.forEach(place -> ofPlaces.merge(place, 1, Integer::sum));
            }
        }
    }

    private int ofSameOperation(Rule rule) {
        int most = 0;
        for (String operation : OperationTable.operations(rule)) {
            most = Math.max(most, ofOperations.getOrDefault(operation, 0));
        }
        return most;
    }

    /// All that the rule names.
    private static Set<Place.Key> keys(Rule rule) {
        Set<Place.Key> keys = new HashSet<>();
        Stream.of(rule.from(), rule.to(), List.of(rule.when()))
                .flatMap(List::stream)
                .flatMap(clause -> clause.conditions().stream())
                .forEach(condition -> condition.keys().forEach(keys::addAll));
        return keys;
    }

    /// The keys of which a request that the rule matches has one; none where its method and path serve better.
    List<Place.Key> of(Rule rule) {
        int byOperation = ofOperations.isEmpty() ? 0 : ofSameOperation(rule);
        if (byOperation <= FEW) {
            return List.of();
        }
        return fewest(Stream.concat(
                        Stream.of(anyOf(rule.from()), anyOf(rule.to())),
                        rule.when().conditions().stream().map(this::choice)))
                .filter(best -> best.rules < byOperation)
                .map(Choice::keys)
                .orElse(List.of());
    }

    /// @param keys of which a request has one
    /// @param rules how many have the most frequent of them
    private record Choice(List<Place.Key> keys, int rules) {}

    /// Of clauses of which one must hold.
    private Optional<Choice> anyOf(List<Rule.Clause> alternatives) {
        return union(alternatives.stream()
                .map(clause -> fewest(clause.conditions().stream().map(this::choice)))
                .toList());
    }

    private Optional<Choice> choice(Condition condition) {
        return union(condition.keys().stream()
                .map(keys -> fewest(keys.stream().map(this::choice)))
                .toList());
    }

    private Optional<Choice> choice(Place.Key key) {
        return ofPlaces.getOrDefault(key.place(), 0) > FEW
                ? Optional.of(new Choice(List.of(key), ofKeys.getOrDefault(key, 0)))
                : Optional.empty();
    }

    private static Optional<Choice> fewest(Stream<Optional<Choice>> choices) {
        return choices.flatMap(Optional::stream).min(Comparator.comparing(Choice::rules));
    }

    /// Nothing unless there is something of each.
    private static Optional<Choice> union(List<Optional<Choice>> all) {
        List<Place.Key> keys = new ArrayList<>();
        int rules = 0;
        for (Optional<Choice> each : all) {
            if (each.isEmpty()) {
                return Optional.empty();
            }
            keys.addAll(each.get().keys);
            rules = Math.max(rules, each.get().rules);
        }
        return keys.isEmpty() ? Optional.empty() : Optional.of(new Choice(keys, rules));
    }
}
