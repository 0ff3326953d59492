import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Serves a directory over HTTP and over HTTPS on loopback until its input ends; says its two ports first.
public final class FileEndpoint {
    private FileEndpoint() {}

    /// @param args the directory, and a PKCS #12 file with the certificate and the password `changeit`
    public static void main(String[] args) throws IOException, GeneralSecurityException {
        HttpHandler files = SimpleFileServer.createFileHandler(Path.of(args[0]).toAbsolutePath());
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer plain = HttpServer.create(anyPort, 0);
        HttpsServer secure = HttpsServer.create(anyPort, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(context(Path.of(args[1]))));
        for (HttpServer server : new HttpServer[] {plain, secure}) {
            server.createContext("/", files);
            server.start();
        }
        System.out.println(plain.getAddress().getPort() + " " + secure.getAddress().getPort());
        System.in.transferTo(OutputStream.nullOutputStream());
        plain.stop(0);
        secure.stop(0);
    }

    private static SSLContext context(Path pkcs12) throws IOException, GeneralSecurityException {
        char[] password = "changeit".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(pkcs12)) {
            store.load(in, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
