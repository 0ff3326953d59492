package io.sallyport.tls;

import java.security.KeyStore;
import java.security.Provider;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.X509KeyManager;

/// A factory of the one key manager that there is already: Netty keeps the keys that BoringSSL has parsed by factory.
final class OneKeyManager extends KeyManagerFactory {
    OneKeyManager(X509KeyManager keys) {
        super(new Ready(keys), new Named(), "ready");
    }

    private static final class Ready extends KeyManagerFactorySpi {
        private final X509KeyManager keys;

        Ready(X509KeyManager keys) {
            this.keys = keys;
        }

        @Override
        protected void engineInit(KeyStore store, char[] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {keys};
        }
    }

    /// Never registered: the superclass wants one.
    private static final class Named extends Provider {
        private static final long serialVersionUID = 1;

        Named() {
            super("sallyport", "1", "none");
        }
    }
}
