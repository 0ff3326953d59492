package io.sallyport.explain.egress;

import io.sallyport.admin.Listing;
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
        EntryUses uses = uses(entries, usage);
        var list = new JsonArray();
        entries.forEach(entry -> list.add(json(entry, uses)));
        return new JsonObject()
                .put("mode", text(mode))
                .put("now", now.toString())
                .put("usageSince", Instant.ofEpochMilli(usage.sinceMillis()).toString())
                .put("entries", list)
                .put("otherUses", array(uses.others()))
                .put("learned", array(usage.learned()))
                .put("notLearned", usage.notLearned())
                .put("denied", denied(usage.denied()));
    }

    /// As the setting spells it.
    public static String text(EgressMode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The entries with their uses, to be shown page by page.
    public static Listing<EgressEntry> listing(List<EgressEntry> entries, EgressUsage usage) {
        EntryUses uses = uses(entries, usage);
        return new Listing<>(
                entries,
                entry -> entry.permit().host()
                        + ':'
                        + entry.port()
                        + ' '
                        + entry.permit().kind()
                        + ' '
                        + entry.source()
                        + ' '
                        + entry.reached(),
                entry -> json(entry, uses));
    }

    private static EntryUses uses(List<EgressEntry> entries, EgressUsage usage) {
        return new EntryUses(entries.stream().map(EgressEntry::permit).toList(), usage.listed());
    }

    private static JsonObject json(EgressEntry entry, EntryUses uses) {
        EgressUse use = uses.of(entry.permit());
        JsonObject json = json(entry);
        return use == null ? json.put("requests", 0) : use.putUse(json);
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
        uses.forEach(use -> array.add(denied(use)));
        return array;
    }

    /// What was denied: `host`, `port`, `protocol`, `reason`, `requests`, `firstUsed`, `lastUsed`.
    public static JsonObject denied(EgressUse use) {
        return use.putUse(new JsonObject()
                .put("host", use.host())
                .put("port", use.port())
                .put("protocol", use.asked())
                .put("reason", use.how()));
    }
}
