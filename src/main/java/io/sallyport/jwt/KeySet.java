package io.sallyport.jwt;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jwa.AlgorithmFactoryFactory;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/// The keys of an issuer (RFC 7517), and the tokens that they have verified. Never changes: an issuer's next keys are
/// another set, with tokens of its own, so that a key that is gone verifies nothing. Thread-safe.
public final class KeySet {
    /// Characters of its text; sets that issuers publish have some thousands.
    public static final int LONGEST = 512 * 1024;

    /// Keys that one token is tried with: it does not choose how much work it makes.
    static final int MOST_TRIES = 16;

    private static final int MOST_KEYS = 256;

    /// What verifying takes of a key (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2): neither what makes it private nor its
    /// certificates, of which a faulty one is no reason to refuse the key.
    private static final Set<String> NEEDED = Set.of("kty", "kid", "alg", "n", "e", "crv", "x", "y", "k");

    private record SetKey(@Nullable String kid, @Nullable String algorithm, Key key) {
        boolean mayVerify(Jwt jwt) {
            return (kid == null || jwt.kid() == null || kid.equals(jwt.kid()))
                    && (algorithm == null || algorithm.equals(jwt.algorithm().text()))
                    && jwt.algorithm().fits(key);
        }
    }

    private final List<SetKey> keys;
    private final List<Integer> privateKeys;
    private final VerifiedTokens verified = new VerifiedTokens();

    private KeySet(List<SetKey> keys, List<Integer> privateKeys) {
        this.keys = List.copyOf(keys);
        this.privateKeys = List.copyOf(privateKeys);
    }

    /// @param secrets whether it may hold secrets that both sides know, for HS256 and the like: only where the
    ///     configuration has it. A key that everybody can fetch is no secret
    /// @throws KeySetException where it is no set, or has no key that can be used; others are left out
    public static KeySet parse(String json, boolean secrets) throws KeySetException {
        List<SetKey> keys = new ArrayList<>();
        List<Integer> privateKeys = new ArrayList<>();
        List<?> all = members(json);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof Map<?, ?> members) {
                boolean secret = "oct".equals(members.get("kty"));
                if (secret || members.containsKey("d")) {
                    privateKeys.add(i);
                }
                SetKey key = secret && !secrets ? null : key(members);
                if (key != null) {
                    keys.add(key);
                }
            }
        }
        if (keys.isEmpty()) {
            throw new KeySetException("has no key that can verify a token");
        }
        return new KeySet(keys, privateKeys);
    }

    private static List<?> members(String json) throws KeySetException {
        if (json.length() > LONGEST) {
            throw new KeySetException("is longer than " + LONGEST + " characters");
        }
        Object keys;
        try {
            keys = StrictJson.object(json).get("keys");
        } catch (StreamConstraintsException excessive) {
            throw new KeySetException("is nested too deeply, or has a number of too many digits");
        } catch (IOException malformed) {
            throw new KeySetException("is not a JSON object, or names a member twice");
        }
        if (!(keys instanceof List<?> list)) {
            throw new KeySetException("has no list of keys: {\"keys\": [...]}");
        }
        if (list.size() > MOST_KEYS) {
            throw new KeySetException("has more than " + MOST_KEYS + " keys");
        }
        return list;
    }

    /// Null for one that cannot be used.
    private static @Nullable SetKey key(Map<?, ?> members) {
        Object use = members.get("use");
        Object operations = members.get("key_ops");
        // The last is that of a trust domain's bundle (SPIFFE Trust Domain and Bundle section 4.2.2).
        boolean verifies = (use == null || use.equals("sig") || use.equals("jwt-svid"))
                && (operations == null || (operations instanceof List<?> list && list.contains("verify")));
        if (!verifies) {
            return null;
        }
        Map<String, Object> published = new HashMap<>();
        members.forEach((name, value) -> {
            if (NEEDED.contains(name)) {
                published.put((String) name, value);
            }
        });
        try {
            JsonWebKey key = JsonWebKey.Factory.newJwk(published);
            return SignatureAlgorithm.isUsable(key.getKey())
                    ? new SetKey(key.getKeyId(), key.getAlgorithm(), key.getKey())
                    : null;
        } catch (JoseException | RuntimeException unusable) {
            return null;
        }
    }

    /// The places of keys that are private or secret, which nobody who verifies needs.
    public List<Integer> privateKeys() {
        return privateKeys;
    }

    /// Whether a key may have signed a token of that key id.
    boolean mayHave(@Nullable String kid) {
        return kid == null || keys.stream().anyMatch(key -> key.kid == null || key.kid.equals(kid));
    }

    /// What the token says, if it was verified before; else null.
    @Nullable
    Jwt known(TokenHash hash) {
        return verified.get(hash);
    }

    /// Verifies its signature.
    ///
    /// @param jwt the same, parsed
    /// @param budget of the request that it came with
    /// @throws TokenException where none of the keys that it may be tried with has signed it
    void verify(String compact, TokenHash hash, Jwt jwt, SignatureBudget budget) throws TokenException {
        int tries = 0;
        for (SetKey key : keys) {
            if (tries < MOST_TRIES && key.mayVerify(jwt)) {
                tries++;
                if (!budget.take()) {
                    break;
                }
                if (isSignedBy(key.key, compact, jwt)) {
                    verified.put(hash, jwt, compact.length());
                    return;
                }
            }
        }
        throw (tries == 0 ? TokenFault.NO_KEY : TokenFault.VERIFICATION).exception();
    }

    /// By the algorithm itself: jose4j's `JsonWebSignature` would read the header once more, which [Jwt] has read, and
    /// more strictly.
    private static boolean isSignedBy(Key key, String compact, Jwt jwt) {
        int signed = compact.lastIndexOf('.');
        try {
            JsonWebSignatureAlgorithm algorithm = AlgorithmFactoryFactory.getInstance()
                    .getJwsAlgorithmFactory()
                    .getAlgorithm(jwt.algorithm().text());
            algorithm.validateVerificationKey(key);
            return algorithm.verifySignature(
                    Base64.getUrlDecoder().decode(compact.substring(signed + 1)),
                    key,
                    compact.substring(0, signed).getBytes(StandardCharsets.US_ASCII),
                    new ProviderContext());
        } catch (JoseException | RuntimeException unverifiable) {
            return false;
        }
    }
}
