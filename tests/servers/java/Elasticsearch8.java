import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;

/** A node of Elasticsearch 8 with the modules of its home folder, configured by elasticsearch.yml there. */
class Elasticsearch8 {
    public static void main(String[] arguments) throws Exception {
        LogConfigurator.configureESLogging();
        Settings home = Settings.builder().put("path.home", arguments[0]).build();
        Path config = Path.of(arguments[0], "config");
        Environment environment = InternalSettingsPreparer.prepareEnvironment(home, Map.of(), config, () -> "test");
        Node node = new Node(environment);
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
