package io.sallyport.http.h2;

import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.http.HttpLimits;

/// HPACK into [DecodedFields]. The limit on a header list is theirs: a list over it is still decoded, so that the
/// stream alone is answered and not the connection closed. Only a block whose compressed bytes are over twice the
/// limits of head and target ends the connection, before it is decoded.
final class FieldsDecoder extends DefaultHttp2HeadersDecoder {
    private final int maxBytes;
    private final int maxTargetBytes;
    private final int maxFields;
    private final boolean underscores;

    FieldsDecoder(HttpLimits limits, boolean underscores) {
        super(false, Http2CodecUtil.MAX_HEADER_LIST_SIZE);
        this.maxBytes = limits.headBytes();
        this.maxTargetBytes = limits.targetBytes();
        this.maxFields = limits.headerFields();
        this.underscores = underscores;
    }

    @Override
    protected Http2Headers newHeaders() {
        return new DecodedFields(maxBytes, maxFields, underscores);
    }

    @Override
    public void maxHeaderListSize(long max, long goAwayMax) {
        // Called when the peer acknowledges our SETTINGS. The limits hold from the start.
    }

    @Override
    public long maxHeaderListSize() {
        return maxBytes;
    }

    @Override
    public long maxHeaderListSizeGoAway() {
        return 2L * (maxBytes + maxTargetBytes);
    }
}
