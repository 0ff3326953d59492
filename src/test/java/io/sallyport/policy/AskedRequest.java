package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.sallyport.jwt.Claims;
import io.sallyport.net.HostName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `GET /api/v1/orders/4711/items` of a client without anything, and what tests and benchmarks give it.
final class AskedRequest implements PolicyRequest {
    private static final int PORT = 80;

    private Caller caller = new Caller(List.of(), null, null, null, "");
    private int policyPort = PORT;
    private String path = "/api/v1/orders/4711/items";
    private String authority = "shop.example";
    private HostName host = HostName.parse(authority);
    private Claims claims = Claims.NONE;
    private @Nullable AsciiString header;

    /// Of a client with such a certificate.
    AskedRequest named(String name) {
        caller = new Caller(List.of("spiffe://cluster.local/ns/none/sa/none", name), null, null, null, "");
        return this;
    }

    /// With this address at both ends.
    AskedRequest at(String address) {
        var socket = new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
        caller = new Caller(List.of(), socket, socket, socket, "");
        return this;
    }

    AskedRequest sni(String name) {
        caller = new Caller(List.of(), null, null, null, name);
        return this;
    }

    AskedRequest port(int port) {
        policyPort = port;
        return this;
    }

    AskedRequest path(String canonical) {
        path = canonical;
        return this;
    }

    AskedRequest authority(String sent) {
        authority = sent;
        host = HostName.parse(sent);
        return this;
    }

    AskedRequest claims(Map<String, Object> payload) {
        claims = Claims.of(payload);
        return this;
    }

    /// With such a field, whatever its name.
    AskedRequest header(String value) {
        header = AsciiString.of(value);
        return this;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public int policyPort() {
        return policyPort;
    }

    @Override
    public @Nullable InetSocketAddress remote() {
        return caller.remote();
    }

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public int port() {
        return PORT;
    }

    @Override
    public String sentAuthority() {
        return authority;
    }

    @Override
    public String host() {
        return host.host();
    }

    @Override
    public Claims claims() {
        return claims;
    }

    @Override
    public @Nullable CharSequence header(AsciiString lowerCaseName) {
        return header;
    }
}
