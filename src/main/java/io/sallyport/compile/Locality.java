package io.sallyport.compile;

import org.jspecify.annotations.Nullable;

/// A place in a mesh: `region/zone/subzone`, of which the last parts may be missing.
///
/// @param region empty where nothing is known
record Locality(String region, String zone, String subzone) {
    static final Locality UNKNOWN = new Locality("", "", "");

    static Locality parse(@Nullable String text) {
        if (text == null) {
            return UNKNOWN;
        }
        String[] parts = text.split("/", 3);
        return new Locality(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }

    boolean isKnown() {
        return !region.isEmpty();
    }

    /// Whether it lies within the pattern: `*` stands for anything, and so do a zone and a subzone that are missing
    /// (`LocalityLoadBalancerSetting.Distribute`).
    boolean isIn(String pattern) {
        Locality within = parse(pattern);
        return isPart(region, within.region)
                && (within.zone.isEmpty() || isPart(zone, within.zone))
                && (within.subzone.isEmpty() || isPart(subzone, within.subzone));
    }

    private static boolean isPart(String part, String pattern) {
        return pattern.equals("*") || pattern.equals(part);
    }

    /// 0 in the same subzone, 1 in the zone, 2 in the region, else 3.
    int distance(Locality other) {
        if (!region.equals(other.region)) {
            return 3;
        }
        if (!zone.equals(other.zone)) {
            return 2;
        }
        return subzone.equals(other.subzone) ? 0 : 1;
    }
}
