package io.sallyport.identity;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// One armoured block of a PEM file.
///
/// @param label between `BEGIN` and the dashes
/// @param encrypted by the means of RFC 1421: a `Proc-Type: 4,ENCRYPTED` header
/// @param der empty where it is encrypted
record PemBlock(String label, boolean encrypted, byte[] der) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    /// The blocks of a file in their order. Text outside of blocks is a comment.
    static List<PemBlock> parse(String pem, String source) throws CredentialException {
        List<PemBlock> blocks = new ArrayList<>();
        int at = pem.indexOf(BEGIN);
        while (at >= 0) {
            int labelEnd = pem.indexOf(DASHES, at + BEGIN.length());
            String label = labelEnd < 0 ? "" : pem.substring(at + BEGIN.length(), labelEnd);
            if (label.isEmpty() || label.indexOf('\n') >= 0) {
                throw new CredentialException(source, "has a broken BEGIN line", "copy the PEM text anew");
            }
            String end = "-----END " + label + DASHES;
            int bodyEnd = pem.indexOf(end, labelEnd);
            if (bodyEnd < 0) {
                throw new CredentialException(
                        source, "is cut off: no line '" + end + "'", "copy the whole of the PEM text");
            }
            blocks.add(block(label, pem.substring(labelEnd + DASHES.length(), bodyEnd), source));
            at = pem.indexOf(BEGIN, bodyEnd + end.length());
        }
        return blocks;
    }

    private static PemBlock block(String label, String body, String source) throws CredentialException {
        if (body.contains("Proc-Type:") && body.contains("ENCRYPTED")) {
            return new PemBlock(label, true, new byte[0]);
        }
        try {
            return new PemBlock(label, false, Base64.getDecoder().decode(withoutBlanks(body)));
        } catch (IllegalArgumentException e) {
            throw new CredentialException(
                    source, "the block '" + label + "' is not base64", "copy the whole of the PEM text", e);
        }
    }

    private static String withoutBlanks(String body) {
        StringBuilder text = new StringBuilder(body.length());
        for (int i = 0; i < body.length(); i++) {
            if (body.charAt(i) > ' ') {
                text.append(body.charAt(i));
            }
        }
        return text.toString();
    }
}
