package io.sallyport.extauth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Caller;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// `envoy.service.auth.v3.Authorization/Check`: the fields of `CheckRequest` and `CheckResponse` by their numbers in
/// Envoy's `attribute_context.proto` and `external_auth.proto`. Dynamic metadata is not read.
public final class GrpcCheck {
    public static final String PATH = "/envoy.service.auth.v3.Authorization/Check";

    private static final int FORBIDDEN = 403;

    private GrpcCheck() {}

    // The question.

    /// A `CheckRequest` about a request.
    ///
    /// @param settings of the body; null where none is sent
    public static ByteBuf question(CheckedRequest request, Authorizer.@Nullable Body settings) {
        ByteBuf body = body(request, settings);
        byte[] rest = question(
                request.caller(),
                attributes -> attributes.message(4, asked -> {
                    asked.message(1, time -> time.number(1, request.millis() / 1000)
                            .number(2, request.millis() % 1000 * 1_000_000));
                    asked.message(2, http -> http(http, request)
                            .announce(settings != null && settings.asBytes() ? 12 : 11, body.readableBytes()));
                }));
        return Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(rest), body);
    }

    /// A `CheckRequest` about a connection whose bytes are relayed, as of Envoy's network filter `ext_authz` with
    /// `include_tls_session`.
    public static ByteBuf question(Caller caller) {
        return Unpooled.wrappedBuffer(question(caller, _ -> {}));
    }

    /// @param request comes last, for it may end with an announced body
    private static byte[] question(Caller caller, Consumer<ProtoWriter> request) {
        return new ProtoWriter()
                .message(1, attributes -> {
                    attributes.message(1, peer -> {
                        peer.message(1, address -> address(address, caller.remote()));
                        if (!caller.names().isEmpty()) {
                            peer.text(4, caller.names().getFirst());
                        }
                    });
                    attributes.message(2, peer -> peer.message(1, address -> address(address, caller.local())));
                    if (!caller.sni().isEmpty()) {
                        attributes.message(12, tls -> tls.text(1, caller.sni()));
                    }
                    request.accept(attributes);
                })
                .toBytes();
    }

    /// As it is held. Text must be UTF-8: of other bytes a copy is made, with U+FFFD for what is not.
    private static ByteBuf body(CheckedRequest request, Authorizer.@Nullable Body settings) {
        ByteBuf body = request.body();
        if (body == null || settings == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        if (settings.asBytes() || ByteBufUtil.isText(body, StandardCharsets.UTF_8)) {
            return body;
        }
        String text = body.toString(StandardCharsets.UTF_8);
        body.release();
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static void address(ProtoWriter address, @Nullable InetSocketAddress of) {
        if (of != null) {
            address.message(1, socket -> socket.text(2, of.getHostString()).number(3, of.getPort()));
        }
    }

    private static ProtoWriter http(ProtoWriter http, CheckedRequest request) {
        RequestHead head = request.head();
        int question = request.pathAndQuery().indexOf('?');
        headers(request)
                .forEach((name, value) ->
                        http.message(3, entry -> entry.text(1, name).text(2, value)));
        return http.text(1, text(head.headers, "x-request-id"))
                .text(2, head.method)
                .text(4, request.pathAndQuery())
                .text(5, head.authority)
                .text(6, head.scheme)
                .text(7, question < 0 ? "" : request.pathAndQuery().substring(question + 1))
                .number(9, head.contentLength)
                .text(10, head.version == HttpVersion.HTTP_2 ? "HTTP/2" : head.version.text());
    }

    private static Map<String, String> headers(CheckedRequest request) {
        RequestHead head = request.head();
        Map<String, String> all = new LinkedHashMap<>();
        all.put(":authority", head.authority);
        all.put(":method", head.method);
        if (!request.pathAndQuery().isEmpty()) {
            all.put(":path", request.pathAndQuery());
            all.put(":scheme", head.scheme);
        }
        for (int i = 0; i < head.headers.size(); i++) {
            String value = text(head.headers.value(i));
            all.merge(head.headers.name(i).toString(), value, (before, next) -> before + ',' + next);
        }
        if (request.body() != null) {
            all.put(CheckedRequest.PARTIAL_BODY, Boolean.toString(request.partial()));
        }
        return all;
    }

    private static String text(Headers headers, String name) {
        AsciiString value = headers.get(AsciiString.of(name));
        return value == null ? "" : text(value);
    }

    private static String text(AsciiString value) {
        return new String(value.array(), value.arrayOffset(), value.length(), StandardCharsets.UTF_8);
    }

    // The answer.

    /// What a `CheckResponse` means. One that asks for what the gateway does not do is none.
    public static Verdict verdict(byte[] answer) {
        try {
            return read(answer);
        } catch (ProtoException e) {
            return Verdict.UNANSWERED;
        }
    }

    private static Verdict read(byte[] answer) throws ProtoException {
        long code = 0;
        Verdict denied = new Verdict.Denied(FORBIDDEN, new Headers(0), new byte[0]);
        Verdict allowed = new Verdict.Allowed(List.of(), List.of());
        ProtoReader in = new ProtoReader(answer);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> code = code(in.message(), code);
                case 2 -> denied = denied(in.message());
                case 3 -> allowed = allowed(in.message());
                default -> {}
            }
        }
        return code == 0 ? allowed : denied;
    }

    /// Of `google.rpc.Status` and `envoy.type.v3.HttpStatus` alike.
    ///
    /// @param before of the same field: messages that are repeated are merged
    private static long code(ProtoReader status, long before) throws ProtoException {
        long code = before;
        while (status.next()) {
            if (status.field() == 1) {
                code = status.number();
            }
        }
        return code;
    }

    private static Verdict denied(ProtoReader in) throws ProtoException {
        long status = FORBIDDEN;
        Headers headers = new Headers(4);
        byte[] body = {};
        while (in.next()) {
            switch (in.field()) {
                case 1 -> status = code(in.message(), status);
                case 2 -> {
                    HeaderEdit edit = edit(in.message(), false);
                    if (edit != null) {
                        // All of them, as Envoy does: a login sets several cookies.
                        headers.add(edit.name(), edit.value());
                    }
                }
                case 3 -> body = in.bytes();
                default -> {}
            }
        }
        return new Verdict.Denied(status == 0 ? FORBIDDEN : (int) Math.min(status, 1000), headers, body);
    }

    private static Verdict allowed(ProtoReader in) throws ProtoException {
        List<HeaderEdit> toUpstream = new ArrayList<>();
        List<HeaderEdit> toClient = new ArrayList<>();
        boolean editsQuery = false;
        while (in.next()) {
            switch (in.field()) {
                case 2 -> add(edit(in.message(), true), toUpstream);
                case 5 -> add(HeaderEdit.of(HeaderEdit.Action.REMOVE, in.text(), new byte[0]), toUpstream);
                case 6 -> add(edit(in.message(), false), toClient);
                // Without the parameters that it sets or removes, the request is not the one that was allowed.
                case 7, 8 -> editsQuery = true;
                default -> {}
            }
        }
        return editsQuery ? Verdict.UNANSWERED : new Verdict.Allowed(List.copyOf(toUpstream), List.copyOf(toClient));
    }

    private static void add(@Nullable HeaderEdit edit, List<HeaderEdit> to) {
        if (edit != null) {
            to.add(edit);
        }
    }

    /// `HeaderValueOption`, whose `append` is false by default here.
    ///
    /// @param toEndpoint keeps a client from vouching for itself: an empty value is one, as Envoy's filter has it
    ///     whatever `keep_empty_value` says, and what cannot be sent takes the field away
    private static @Nullable HeaderEdit edit(ProtoReader in, boolean toEndpoint) throws ProtoException {
        String name = "";
        byte[] value = {};
        Boolean append = null;
        long action = 0;
        boolean keepEmpty = toEndpoint;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    ProtoReader header = in.message();
                    while (header.next()) {
                        switch (header.field()) {
                            case 1 -> name = header.text();
                            case 2, 3 -> value = header.bytes();
                            default -> {}
                        }
                    }
                }
                case 2 -> append = code(in.message(), 0) != 0;
                case 3 -> action = in.number();
                case 4 -> keepEmpty |= in.flag();
                default -> {}
            }
        }
        if (name.isEmpty() || (value.length == 0 && !keepEmpty)) {
            return null;
        }
        HeaderEdit edit = HeaderEdit.of(action(append, action), name, value);
        return edit != null && edit.action() == HeaderEdit.Action.REMOVE && !toEndpoint ? null : edit;
    }

    private static HeaderEdit.Action action(@Nullable Boolean append, long action) {
        if (append != null) {
            return append ? HeaderEdit.Action.APPEND : HeaderEdit.Action.SET;
        }
        return switch ((int) action) {
            case 1 -> HeaderEdit.Action.ADD_IF_ABSENT;
            case 3 -> HeaderEdit.Action.SET_IF_PRESENT;
            default -> HeaderEdit.Action.SET;
        };
    }
}
