package io.sallyport.config.problem;

/// `SAL10xx` and `SAL11xx`: files, YAML, the shape of documents, and decoding fields.
public enum ShapeProblem implements ProblemCode {
    FILE_UNREADABLE(
            1001, "file cannot be read", "Check the file's permissions, and that the link it may be leads somewhere."),
    FILE_TOO_LARGE(1002, "file too large", "One file may have 16 MiB; divide it."),
    NOT_UTF8(1003, "file is not UTF-8", "Save the file as UTF-8 without control characters."),
    BAD_YAML(1004, "broken YAML", "The text is not YAML 1.2, or ends too early."),
    DUPLICATE_KEY(1005, "duplicate key", "A mapping names the same key twice; YAML does not say which one counts."),
    TOO_DEEP(1006, "nested too deeply", "No Istio resource nests deeper than 64 levels."),
    TOO_MANY_NODES(1007, "too many nodes", "Aliases unfold to more than 2,000,000 nodes, or refer to themselves."),
    NOT_A_MAPPING(
            1008,
            "document is not a mapping",
            "A document is a Kubernetes resource: a mapping with apiVersion and kind."),
    BAD_KEY(1009, "key is not a string", "Quote the key."),
    UNKNOWN_TAG(1010, "unknown YAML tag", "Only the tags of YAML's core schema (!!str, !!int, ...) are known."),
    DIRECTORY_UNREADABLE(
            1011,
            "directory cannot be read",
            "The configuration directory is missing, not a directory or not readable."),
    DIRECTORY_EMPTY(1012, "no configuration files", "The directory holds no *.yaml, *.yml or *.json file."),
    DIRECTORY_UNSTABLE(
            1013,
            "directory changes while it is read",
            "It changed at each of several readings; write all files, then rename."),
    DIRECTORY_TOO_LARGE(1014, "too much configuration", "All files together may have 64 MiB, and be 10,000."),
    EMPTY_FILE(1015, "empty file", "A file without a byte is most likely half written; delete it if it is meant."),
    NO_DOCUMENT(1016, Severity.WARNING, "file without a document", "The file holds comments only."),
    TOO_MANY_PROBLEMS(1017, "more problems than are listed", "Mend those that are listed and validate again."),
    BAD_ALIAS(
            1018, "alias stands for nothing", "An alias stands for an anchor above it, outside of what it is part of."),
    NO_API_VERSION(1020, "apiVersion is missing or wrong", "Such as networking.istio.io/v1."),
    NO_KIND(1021, "kind is missing", "Such as VirtualService."),
    NO_NAME(1022, "metadata.name is missing or wrong", "A DNS name of lower-case letters, digits, - and dots."),
    SKIPPED_KIND(
            1023,
            Severity.WARNING,
            "kind is not read",
            "Sallyport reads Gateway, VirtualService, DestinationRule and ServiceEntry of networking.istio.io, and refuses the"
                    + " policies of security.istio.io. Whatever else is in the files is not looked into."),
    UNKNOWN_KIND(
            1024,
            "kind or group is most likely misspelt",
            "It is near to one that is read, and would not apply. In security.istio.io every unknown kind is an error."),
    UNKNOWN_VERSION(1025, "version of the group is unknown", "networking.istio.io has v1, v1beta1 and v1alpha3."),
    UNSUPPORTED_POLICY(
            1026,
            "security policy is not supported yet",
            "Serving without the policy would allow what it denies, so the whole configuration is refused."),
    DUPLICATE_RESOURCE(1027, "resource defined twice", "Kind, namespace and name must be unique in the directory."),
    NO_SPEC(1028, "spec is missing", "The resource says nothing; most likely its spec is indented wrongly."),
    NO_RESOURCES(1029, "no resources", "The files hold no Gateway, VirtualService, DestinationRule or ServiceEntry."),

    UNKNOWN_FIELD(
            1101,
            "unknown field",
            "The field is not in Istio's API; it is refused because it would be ignored otherwise."),
    WRONG_TYPE(
            1102,
            "wrong type",
            "Such as a number where text is wanted; quote text that looks like a number or true/false."),
    UNKNOWN_VALUE(1103, "unknown value", "The field takes one of a list of values, in this very spelling."),
    BAD_DURATION(1104, "not a duration", "Such as 10ms, 1.5s, 2m or 1h30m."),
    OUT_OF_RANGE(1105, "number out of range", "The number does not fit the field's type."),
    MISSING_FIELD(1106, "required field is missing", "Istio requires the field."),
    ONE_OF(1107, "fields exclude each other", "At most one field of the group may be given."),
    NULL_ELEMENT(1108, "empty element", "A list's element or a map's value is null; most likely a value is missing."),
    BAD_BASE64(1109, "not base64", "Bytes are written in standard base64."),
    REMOVED_FIELD(1110, "field was removed", "Istio has removed the field from its API."),
    NULL_AS_EMPTY(
            1111,
            Severity.WARNING,
            "null where nothing is asked for",
            "As in Istio a match that is null takes every request, and a condition that is null asks for presence.");

    private final int number;
    private final Severity severity;
    private final String title;
    private final String doc;

    ShapeProblem(int number, String title, String doc) {
        this(number, Severity.ERROR, title, doc);
    }

    ShapeProblem(int number, Severity severity, String title, String doc) {
        this.number = number;
        this.severity = severity;
        this.title = title;
        this.doc = doc;
    }

    @Override
    public String id() {
        return "SAL" + number;
    }

    @Override
    public Severity severity() {
        return severity;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String doc() {
        return doc;
    }
}
