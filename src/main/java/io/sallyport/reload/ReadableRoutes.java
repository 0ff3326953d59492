package io.sallyport.reload;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The routes of a VirtualService that is left out of which it is certain what they are for, whatever else is
/// wrong with them.
///
/// @param isAll whether it has no others
record ReadableRoutes<R>(List<R> certain, boolean isAll) {
    /// An element of a list of routes, and what of it is meant.
    private static final Pattern ELEMENT = Pattern.compile("spec\\.(?:http|tls|tcp)\\[(\\d+)](.*)");

    /// @param protocol the field that they stand in: `http`, `tls` or `tcp`
    /// @param any whether any route of any protocol was read
    /// @param matchesAll whether a route has no conditions
    static <R> ReadableRoutes<R> of(
            Choice leftOut,
            String protocol,
            boolean any,
            List<R> routes,
            Function<R, Position> at,
            Predicate<R> matchesAll) {
        String field = "spec." + protocol;
        Set<Position> uncertain = new HashSet<>();
        Set<Position> misspelt = new HashSet<>();
        boolean lost = false;
        for (Problem fault : leftOut.faults()) {
            String wrong = leftOut.fieldOf(fault);
            Matcher element = ELEMENT.matcher(wrong);
            if (element.matches() && wrong.startsWith(field + "[")) {
                Position place = leftOut.placeOf(field + "[" + element.group(1) + "]");
                String part = element.group(2);
                lost |= part.isEmpty();
                if (part.startsWith(".match")) {
                    uncertain.add(place);
                } else if (fault.code() == ProblemCode.UNKNOWN_FIELD && part.lastIndexOf('.') == 0) {
                    misspelt.add(place);
                }
            } else if (wrong.isEmpty()
                    || wrong.equals(field)
                    || leftOut.means(fault, field)
                    || (!any && leftOut.hasUnknownField("spec"))) {
                return new ReadableRoutes<>(List.of(), false);
            }
        }
        List<R> certain = routes.stream()
                .filter(route -> !uncertain.contains(at.apply(route))
                        && !(matchesAll.test(route) && misspelt.contains(at.apply(route))))
                .toList();
        return new ReadableRoutes<>(certain, !lost && certain.size() == routes.size());
    }
}
