package io.sallyport.config.validation;

import io.sallyport.config.model.ConsistentHash;
import io.sallyport.config.model.LoadBalancerSettings;
import io.sallyport.config.model.LoadBalancerSettings.Simple;
import io.sallyport.config.model.LoadBalancerSettings.Warmup;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `LoadBalancerSettings`.
final class LoadBalancerValidator {
    private static final long MAX_MAGLEV_TABLE = 5_000_011;

    /// Envoy's bound, `RingHashLbConfig.maximum_ring_size`.
    private static final long MAX_RING = 8 * 1024 * 1024;

    private LoadBalancerValidator() {}

    static void validate(@Nullable LoadBalancerSettings settings, @Nullable OutlierDetection outlier, Place place) {
        if (settings == null) {
            return;
        }
        switch (settings.policy()) {
            case ConsistentHash hash -> hash(hash, place.field("consistentHash"));
            case Simple simple
            when simple == Simple.LEAST_CONN -> {
                place.field("simple").report(ProblemCode.DEPRECATED, "LEAST_CONN is deprecated", "use LEAST_REQUEST");
            }
            case Simple _ -> {}
        }
        if (settings.localityLbSetting() != null && settings.zoneAwareLbSetting() != null) {
            String message = "localityLbSetting and zoneAwareLbSetting exclude each other";
            place.field("zoneAwareLbSetting").report(ProblemCode.BAD_LOAD_BALANCER, message);
        }
        LocalityValidator.locality(settings.localityLbSetting(), outlier, place.field("localityLbSetting"));
        LocalityValidator.zoneAware(settings.zoneAwareLbSetting(), outlier, place.field("zoneAwareLbSetting"));
        Checks.time(settings.warmupDurationSecs(), place.field("warmupDurationSecs"));
        if (settings.warmupDurationSecs() != null) {
            String message = "warmupDurationSecs is deprecated";
            place.field("warmupDurationSecs").report(ProblemCode.DEPRECATED, message, "use warmup.duration");
        }
        if (settings.warmup() != null) {
            warmup(settings.warmup(), settings.warmupDurationSecs() != null, place.field("warmup"));
        }
    }

    private static void warmup(Warmup warmup, boolean deprecatedToo, Place place) {
        if (deprecatedToo) {
            place.report(ProblemCode.BAD_LOAD_BALANCER, "warmup and warmupDurationSecs exclude each other");
        }
        if (warmup.duration() == null) {
            place.report(ProblemCode.BAD_LOAD_BALANCER, "duration is needed");
        }
        Checks.time(warmup.duration(), place.field("duration"));
        Double minimum = warmup.minimumPercent();
        if (minimum != null && (minimum < 0 || minimum > 100)) {
            place.field("minimumPercent").report(ProblemCode.BAD_PERCENTAGE, minimum + " is not in 0 to 100");
        }
        Double aggression = warmup.aggression();
        if (aggression != null && !(aggression > 0)) {
            place.field("aggression").report(ProblemCode.BAD_LOAD_BALANCER, "aggression is above 0");
        }
    }

    private static void hash(ConsistentHash hash, Place place) {
        switch (hash.hashKey()) {
            case ConsistentHash.NoKey _ -> {
                String hint = "give httpHeaderName, httpCookie, useSourceIp or httpQueryParameterName";
                place.report(ProblemCode.BAD_LOAD_BALANCER, "it does not say what to hash", hint);
            }
            case ConsistentHash.HttpHeaderName header
            when !HeaderChecks.isRequestName(header.name()) ->
                place.field("httpHeaderName")
                        .report(ProblemCode.BAD_HEADER_NAME, Quote.of(header.name()) + " is not a header's name");
            case ConsistentHash.HttpCookie cookie -> cookie(cookie, place.field("httpCookie"));
            default -> {}
        }
        if (hash.minimumRingSize() != 0) {
            String message = "minimumRingSize is deprecated";
            place.field("minimumRingSize").report(ProblemCode.DEPRECATED, message, "use ringHash.minimumRingSize");
        }
        ringSize(hash.minimumRingSize(), place.field("minimumRingSize"));
        if (hash.hashAlgorithm() instanceof ConsistentHash.RingHash ring) {
            ringSize(ring.minimumRingSize(), place.field("ringHash").field("minimumRingSize"));
        }
        if (hash.hashAlgorithm() instanceof ConsistentHash.Maglev maglev && maglev.tableSize() != 0) {
            long size = maglev.tableSize();
            if (size >= MAX_MAGLEV_TABLE || !BigInteger.valueOf(size).isProbablePrime(30)) {
                String message = size + " is not a prime below " + MAX_MAGLEV_TABLE;
                place.field("maglev").field("tableSize").report(ProblemCode.BAD_LOAD_BALANCER, message);
            }
        }
    }

    /// The value is unsigned.
    private static void ringSize(long size, Place place) {
        if (Long.compareUnsigned(size, MAX_RING) > 0) {
            place.report(ProblemCode.BAD_LOAD_BALANCER, Long.toUnsignedString(size) + " is above " + MAX_RING);
        }
    }

    private static void cookie(ConsistentHash.HttpCookie cookie, Place place) {
        if (!cookie.name().isEmpty() && !HeaderChecks.isName(cookie.name())) {
            String message = Quote.of(cookie.name()) + " is not a cookie's name";
            place.field("name").report(ProblemCode.BAD_LOAD_BALANCER, message);
        }
        // Zero makes a cookie that lives as long as the browser.
        if (cookie.ttl() != null && !cookie.ttl().isZero()) {
            Checks.time(cookie.ttl(), place.field("ttl"));
        }
        noEnd(cookie.path(), place.field("path"));
        Set<String> names = new HashSet<>();
        for (int i = 0; i < cookie.attributes().size(); i++) {
            String name = cookie.attributes().get(i).name();
            noEnd(name, place.field("attributes").index(i).field("name"));
            noEnd(
                    cookie.attributes().get(i).value(),
                    place.field("attributes").index(i).field("value"));
            if (!names.add(name)) {
                String message = "attribute " + Quote.of(name) + " is given twice";
                place.field("attributes").index(i).report(ProblemCode.DUPLICATE_NAME, message);
            }
        }
    }

    /// What is written into `set-cookie` must not end the attribute that it is part of (RFC 6265, 4.1.1: `av-octet`).
    private static void noEnd(String text, Place place) {
        if (text.chars().anyMatch(c -> c < ' ' || c > '~' || c == ';')) {
            String message = Quote.of(text) + " has a character that no attribute of a cookie may have";
            place.report(ProblemCode.BAD_LOAD_BALANCER, message, "printable ASCII without ;");
        }
    }
}
