package io.sallyport.discovery;

/// A secret by its namespace and name.
public record SecretName(String namespace, String name) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
