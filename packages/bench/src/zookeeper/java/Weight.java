import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.ZooKeeper;

/** Holds sessions that do nothing. */
final class Weight {
    private Weight() {}

    static ObjectNode weigh(JsonNode order) throws Exception {
        List<ZooKeeper> kept = new ArrayList<>();
        kept.add(Load.open(order));
        long alone = rss();
        while (kept.size() < order.get("sessions").asInt()) kept.add(Load.open(order));
        long before = Load.system.getProcessCpuTime();
        double at = Driver.now();
        Thread.sleep(order.get("milliseconds").asLong());
        double cpu = (Load.system.getProcessCpuTime() - before) / 1e6 * 100 / (Driver.now() - at);
        long rss = rss();
        int lost = 0;
        for (ZooKeeper client : kept) {
            if (!client.getState().isConnected()) lost += 1;
            client.close();
        }
        return Driver.json.createObjectNode().put("alone", alone).put("rss", rss).put("heap", 0).put("cpu", cpu).put("lost", lost);
    }

    private static long rss() throws Exception {
        System.gc();
        Thread.sleep(300);
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
        return 0;
    }
}
