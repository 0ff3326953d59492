package io.sallyport.config.decode;

import io.sallyport.config.model.ConsistentHash;
import io.sallyport.config.model.ConsistentHash.HashAlgorithm;
import io.sallyport.config.model.ConsistentHash.HashKey;
import io.sallyport.config.model.LoadBalancerSettings;
import io.sallyport.config.model.LoadBalancerSettings.Simple;
import io.sallyport.config.model.LoadBalancerSettings.Warmup;
import io.sallyport.config.model.LocalityLbSetting;
import io.sallyport.config.model.LocalityLbSetting.Distribute;
import io.sallyport.config.model.LocalityLbSetting.Failover;
import io.sallyport.config.model.ZoneAwareLbSetting;
import io.sallyport.config.yaml.ObjectReader;

/// `LoadBalancerSettings` and what is in it.
final class LoadBalancerDecoder {
    private LoadBalancerDecoder() {}

    static LoadBalancerSettings read(ObjectReader in) {
        in.atMostOne("simple", "consistentHash");
        Simple simple = in.constant("simple", Simple.values());
        ConsistentHash hash = in.object("consistentHash", LoadBalancerDecoder::consistentHash);
        return new LoadBalancerSettings(
                hash == null ? simple : hash,
                in.object("localityLbSetting", LoadBalancerDecoder::locality),
                in.object("zoneAwareLbSetting", LoadBalancerDecoder::zoneAware),
                in.duration("warmupDurationSecs"),
                in.object("warmup", LoadBalancerDecoder::warmup),
                in.at());
    }

    private static ConsistentHash consistentHash(ObjectReader in) {
        return new ConsistentHash(hashKey(in), hashAlgorithm(in), in.uint64("minimumRingSize"), in.at());
    }

    private static HashKey hashKey(ObjectReader in) {
        in.atMostOne("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName");
        String header = in.optionalText("httpHeaderName");
        HashKey cookie = in.object("httpCookie", LoadBalancerDecoder::cookie);
        Boolean sourceIp = in.optionalBool("useSourceIp");
        String parameter = in.optionalText("httpQueryParameterName");
        if (header != null) {
            return new ConsistentHash.HttpHeaderName(header);
        }
        if (cookie != null) {
            return cookie;
        }
        if (sourceIp != null) {
            return new ConsistentHash.UseSourceIp(sourceIp);
        }
        return parameter == null ? new ConsistentHash.NoKey() : new ConsistentHash.HttpQueryParameterName(parameter);
    }

    private static ConsistentHash.HttpCookie cookie(ObjectReader in) {
        return new ConsistentHash.HttpCookie(
                in.requiredText("name"),
                in.text("path"),
                in.duration("ttl"),
                in.objects(
                        "attributes",
                        attribute -> new ConsistentHash.HttpCookie.Attribute(
                                attribute.requiredText("name"), attribute.text("value"))),
                in.at());
    }

    private static HashAlgorithm hashAlgorithm(ObjectReader in) {
        in.atMostOne("ringHash", "maglev", "minimumRingSize");
        HashAlgorithm ring = in.object("ringHash", hash -> new ConsistentHash.RingHash(hash.uint64("minimumRingSize")));
        HashAlgorithm maglev = in.object("maglev", hash -> new ConsistentHash.Maglev(hash.uint64("tableSize")));
        if (maglev != null && ring == null) {
            return maglev;
        }
        return ring == null ? new ConsistentHash.RingHash(0) : ring;
    }

    private static LocalityLbSetting locality(ObjectReader in) {
        return new LocalityLbSetting(
                in.objects("distribute", LoadBalancerDecoder::distribute),
                in.objects("failover", LoadBalancerDecoder::failover),
                in.texts("failoverPriority"),
                in.optionalBool("enabled"),
                in.at());
    }

    private static Distribute distribute(ObjectReader in) {
        return new Distribute(in.text("from"), in.uint32Map("to"), in.at());
    }

    private static Failover failover(ObjectReader in) {
        return new Failover(in.text("from"), in.text("to"), in.at());
    }

    private static ZoneAwareLbSetting zoneAware(ObjectReader in) {
        return new ZoneAwareLbSetting(
                in.optionalBool("enabled"),
                in.objects("failover", LoadBalancerDecoder::failover),
                in.texts("failoverPriority"),
                in.optionalUint64("minClusterSize"),
                in.at());
    }

    private static Warmup warmup(ObjectReader in) {
        return new Warmup(
                in.duration("duration"), in.optionalNumber("minimumPercent"), in.optionalNumber("aggression"), in.at());
    }
}
