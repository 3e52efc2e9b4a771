import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.transport.Netty4Plugin;

/** A node of Elasticsearch 7 with the HTTP transport, configured by elasticsearch.yml in the folder given. */
class Elasticsearch7 extends Node {
    Elasticsearch7(Environment environment) {
        super(environment, List.of(Netty4Plugin.class), false);
    }

    public static void main(String[] arguments) throws Exception {
        Settings home = Settings.builder().put("path.home", arguments[0]).build();
        Path config = Path.of(arguments[0], "config");
        Node node = new Elasticsearch7(InternalSettingsPreparer.prepareEnvironment(home, Map.of(), config, () -> "test"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        System.out.println("node started");
        Thread.currentThread().join();
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (java.io.IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }
}
