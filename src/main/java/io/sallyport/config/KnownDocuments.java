package io.sallyport.config;

import io.sallyport.config.yaml.DocumentText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The documents of a file as it was, to be found again by their text in what it is now.
///
/// @param content of the file
record KnownDocuments(byte[] content, List<DocumentResources> documents) {
    private static final KnownDocuments NONE = new KnownDocuments(new byte[0], List.of());

    /// @param file null where there was none
    static KnownDocuments of(@Nullable FileResources file) {
        return file == null ? NONE : new KnownDocuments(file.source().content(), file.documents());
    }

    /// For each text the document that has the same, or null. Each document is taken once, though there may be others
    /// with its text.
    List<@Nullable DocumentResources> in(byte[] now, List<DocumentText> texts) {
        int head = head(now, texts);
        int tail = tail(now, texts, Math.min(documents.size(), texts.size()) - head);
        Map<String, Deque<DocumentResources>> others = new HashMap<>();
        for (DocumentResources document : documents.subList(head, documents.size() - tail)) {
            String text = document.text();
            if (text != null) {
                others.computeIfAbsent(text, _ -> new ArrayDeque<>(1)).add(document);
            }
        }
        List<@Nullable DocumentResources> found = new ArrayList<>(texts.size());
        found.addAll(documents.subList(0, head));
        for (DocumentText text : texts.subList(head, texts.size() - tail)) {
            Deque<DocumentResources> same = others.get(text.bytes(now));
            found.add(same == null ? null : same.poll());
        }
        found.addAll(documents.subList(documents.size() - tail, documents.size()));
        return found;
    }

    /// How many stand where the two do not differ yet.
    private int head(byte[] now, List<DocumentText> texts) {
        int different = Arrays.mismatch(content, now);
        int same = different < 0 ? now.length : different;
        int count = 0;
        while (count < Math.min(documents.size(), texts.size())) {
            DocumentText text = texts.get(count);
            DocumentText before = documents.get(count).place();
            if (before == null || text.to() > same || text.from() != before.from() || text.to() != before.to()) {
                break;
            }
            count++;
        }
        return count;
    }

    /// How many stand where the two do not differ any more.
    private int tail(byte[] now, List<DocumentText> texts, int most) {
        int same = 0;
        while (same < Math.min(content.length, now.length)
                && content[content.length - 1 - same] == now[now.length - 1 - same]) {
            same++;
        }
        int count = 0;
        while (count < most) {
            DocumentText text = texts.get(texts.size() - 1 - count);
            DocumentText before = documents.get(documents.size() - 1 - count).place();
            boolean equal = before != null
                    && now.length - text.from() <= same
                    && now.length - text.from() == content.length - before.from()
                    && now.length - text.to() == content.length - before.to();
            if (!equal) {
                break;
            }
            count++;
        }
        return count;
    }
}
