import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** Keeps so many operations under way through one session. */
final class Load {
    static final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final ZooKeeper client;
    private final JsonNode order;
    private final int warm;
    private final int total;
    private final byte[] data = new byte[64];
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile long startedAt;
    private volatile long startedCpu;
    private volatile long endedAt;
    private volatile long endedCpu;
    private volatile int failed;

    static ObjectNode run(JsonNode order) throws Exception {
        try (ZooKeeper client = open(order)) {
            return new Load(client, order).run();
        }
    }

    static ZooKeeper open(JsonNode order) throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(order.get("servers").asText(), order.get("timeout").asInt(), event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) attached.countDown();
        });
        attached.await();
        return client;
    }

    private Load(ZooKeeper client, JsonNode order) {
        this.client = client;
        this.order = order;
        warm = order.get("warm").asInt();
        total = warm + order.get("count").asInt();
    }

    private ObjectNode run() throws Exception {
        for (int one = 0; one < order.get("inFlight").asInt(); one += 1) next();
        over.await();
        if (failed != 0) throw KeeperException.create(KeeperException.Code.get(failed));
        int count = total - warm;
        return Driver.json.createObjectNode().put("rate", count / ((endedAt - startedAt) / 1e9)).put("micros", (endedCpu - startedCpu) / 1e3 / count);
    }

    private void next() {
        if (asked.getAndIncrement() >= total) return;
        String path = order.get("path").asText();
        if (order.get("operation").asText().equals("get")) client.getData(path, false, (AsyncCallback.DataCallback) (code, at, context, bytes, stat) -> done(code), null);
        else client.setData(path, data, -1, (code, at, context, stat) -> done(code), null);
    }

    private void done(int code) {
        int count = answered.incrementAndGet();
        if (code != 0) {
            failed = code;
            over.countDown();
        } else if (count == warm) {
            startedAt = System.nanoTime();
            startedCpu = system.getProcessCpuTime();
        } else if (count == total) {
            endedAt = System.nanoTime();
            endedCpu = system.getProcessCpuTime();
            over.countDown();
        }
        next();
    }
}
