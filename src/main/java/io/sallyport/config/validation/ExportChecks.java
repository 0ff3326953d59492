package io.sallyport.config.validation;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// `exportTo`: the namespaces that see a resource.
final class ExportChecks {
    private ExportChecks() {}

    /// @param noneAllowed whether `~` may stand there, as in a ServiceEntry
    static void check(List<String> exportTo, String namespace, boolean noneAllowed, Place place) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < exportTo.size(); i++) {
            String entry = exportTo.get(i);
            boolean known = entry.equals(".") || entry.equals("*") || (entry.equals("~") && noneAllowed);
            if (!known && !HostNames.isLabel(entry)) {
                place.index(i).report(ProblemCode.BAD_EXPORT, Quote.of(entry) + " is not a namespace");
            }
            if (!seen.add(entry.equals(".") ? namespace : entry)) {
                place.index(i).report(ProblemCode.BAD_EXPORT, Quote.of(entry) + " is given twice");
            }
        }
        boolean alone = exportTo.contains("*") || exportTo.contains("~");
        if (alone && exportTo.size() > 1) {
            place.report(ProblemCode.BAD_EXPORT, "* and ~ stand alone");
        }
    }
}
