package io.sallyport.explain.egress;

import io.sallyport.egress.EgressMode;
import io.sallyport.egress.EgressUsage;
import io.sallyport.egress.EgressUse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// The egress list as JSON: what `sallyport egress -o json` prints and, with how it was used, `GET /egress` answers.
public final class EgressReport {
    private EgressReport() {}

    /// `host`, `port` (0 for any), `protocol`, `resource`, `source`, `reached`, `guard` for each entry.
    public static JsonArray entries(List<EgressEntry> entries) {
        var array = new JsonArray();
        entries.forEach(entry -> array.add(json(entry)));
        return array;
    }

    /// A running gateway's list and what was made of it.
    ///
    /// @param now for whoever asks how long ago a use was
    public static JsonObject of(EgressMode mode, List<EgressEntry> entries, EgressUsage usage, Instant now) {
        var uses = new EntryUses(entries.stream().map(EgressEntry::permit).toList(), usage.listed());
        var list = new JsonArray();
        for (EgressEntry entry : entries) {
            EgressUse use = uses.of(entry.permit());
            JsonObject json = json(entry);
            list.add(use == null ? json.put("requests", 0) : use.putUse(json));
        }
        return new JsonObject()
                .put("mode", mode.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("now", now.toString())
                .put("usageSince", Instant.ofEpochMilli(usage.sinceMillis()).toString())
                .put("entries", list)
                .put("otherUses", array(uses.others()))
                .put("learned", array(usage.learned()))
                .put("notLearned", usage.notLearned())
                .put("denied", denied(usage.denied()));
    }

    private static JsonObject json(EgressEntry entry) {
        return new JsonObject()
                .put("host", entry.permit().host())
                .put("port", entry.permit().port())
                .put("protocol", entry.permit().kind().name())
                .put("resource", entry.permit().resource())
                .put("source", entry.permit().source())
                .put("reached", entry.reached())
                .put("guard", entry.guard());
    }

    private static JsonArray array(List<EgressUse> uses) {
        var array = new JsonArray();
        uses.forEach(use -> array.add(use.json()));
        return array;
    }

    private static JsonArray denied(List<EgressUse> uses) {
        var array = new JsonArray();
        for (EgressUse use : uses) {
            var json = new JsonObject()
                    .put("host", use.host())
                    .put("port", use.port())
                    .put("reason", use.how());
            array.add(use.putUse(json));
        }
        return array;
    }
}
