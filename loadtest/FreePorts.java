import java.io.IOException;
import java.net.ServerSocket;

/// Prints as many free ports as it is asked for, in one line.
public final class FreePorts {
    private FreePorts() {}

    /// @param args how many
    public static void main(String[] args) throws IOException {
        ServerSocket[] held = new ServerSocket[Integer.parseInt(args[0])];
        StringBuilder ports = new StringBuilder();
        for (int i = 0; i < held.length; i++) {
            held[i] = new ServerSocket(0);
            ports.append(held[i].getLocalPort()).append(' ');
        }
        System.out.println(ports.toString().strip());
        for (ServerSocket socket : held) {
            socket.close();
        }
    }
}
